// Section keywords that HAProxy 3.5 knows (manual 3, 4, 5.3, 6, 10 to 12), and balance algorithms (manual 4.2).

export const SECTIONS = `
  acme backend cache crt-store defaults fcgi-app frontend global healthcheck http-errors listen log-forward
  log-profile mailers namespace_list peers resolvers ring traces userlist
`;

/** Without their arguments: `hdr(name)` is `hdr`. */
export const BALANCE_ALGORITHMS = `
  first hash hdr leastconn log-hash random rdp-cookie roundrobin source static-rr sticky uri url_param
`;
