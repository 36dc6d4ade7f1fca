// Documentation of words that are part of a keyword's line: options, timeouts, match methods, algorithms, sections. For
// docs/manual/; the program itself does not load this.

/** Words after `option` (manual 4.2). */
export const OPTION_DOCS: Readonly<Record<string, string>> = {
  abortonclose:
    'Gives a request up while it waits for a server or an answer where the client has closed meanwhile.',
  'accept-unsafe-violations-in-http-request':
    'Takes requests whose head breaks the grammar in ways that other programs let pass. Off: they get a 400.',
  'accept-unsafe-violations-in-http-response':
    'Takes answers whose head breaks the grammar in ways that other programs let pass. Off: the client gets a 502.',
  allbackups:
    'Balances over all backup servers where no other server is up. Off: the first one takes everything.',
  clitcpka: 'Has the kernel send keep-alive packets to clients.',
  contstats: 'Counts bytes while a stream lasts. Off: when it ends.',
  'dontlog-normal':
    'Makes no log line for what went well: no error, no retry, no redispatch, status below 500.',
  dontlognull: 'Makes no log line for connections without any byte.',
  'http-buffer-request':
    'Waits for the body (as much as one buffer holds, or all of it) before a server is chosen.',
  'http-ignore-probes': 'Answers nothing and counts no error where a client closes before its first request.',
  'http-no-delay': 'Asks for each piece of data to be sent at once, which the data path does in any case.',
  'http-pretend-keepalive':
    'Leaves `Connection: close` out of requests to servers, though they are closed after each answer.',
  'http-use-proxy-header':
    'A request whose URI begins with neither a slash nor an asterisk is asked for proxy authentication (407).',
  'idle-close-on-response':
    'After a soft stop an idle client may send one more request, whose answer closes.',
  'independent-streams': 'Data in one direction does not refresh the timeout of the other.',
  'log-health-checks': 'Logs each result of a health check that differs from the one before.',
  'log-separate-errors': 'Raises lines about errors to level `err`.',
  logasap: 'Makes the line when the answer begins; sizes and times that still grow carry a plus sign.',
  nolinger: 'Closes with a reset, so that the kernel keeps nothing of the connection.',
  persist: 'Sends a client to the server that its cookie names even where that server is down.',
  'prefer-last-server':
    'Sends requests of one client connection to the server of the previous one, where that is possible.',
  'socket-stats': 'Counts for each listening socket beside the frontend.',
  'splice-auto': 'Forwards data inside the kernel where that promises to be cheaper, in both directions.',
  'splice-request': 'Forwards data from the client inside the kernel.',
  'splice-response': 'Forwards data from the server inside the kernel.',
  srvtcpka: 'Has the kernel send keep-alive packets to servers.',
  'tcp-smart-connect': "Lets the connection's last acknowledgement travel with the first data to the server.",
  tcpka: 'Has the kernel send keep-alive packets on both sides.',
  httpclose: 'Closes both connections after each answer.',
  'http-server-close':
    'Closes the connection to the server after each answer, and keeps the one to the client.',
  'http-keep-alive': 'Keeps both connections after an answer. The default.',
  forwardfor:
    "Adds the client's address as X-Forwarded-For; `except` spares networks, `header` renames, `if-none` keeps one.",
  originalto:
    'Adds the address that the client connected to as X-Original-To; `except` and `header` as for forwardfor.',
  forwarded:
    'Adds a Forwarded header (RFC 7239) with the parts that are asked for; proto and for by default.',
  httpchk: 'Checks servers with an HTTP request: OPTIONS / unless method, URI and version say otherwise.',
  'http-restrict-req-hdr-names':
    'What to do with request header names beyond letters, digits and dashes: `preserve`, `delete` or `reject` (403).',
  redispatch:
    'Lets a retry go to another server, though a cookie names one: the last retry, or every `<interval>`; from the end where it is negative.',
  'tcp-smart-accept': "Lets the connection's acknowledgement wait for the first data. On in HTTP mode.",
  'tcp-check': 'Checks servers by connecting to them.',
  httplog: "Takes HAProxy's HTTP log format; `httplog clf` the common log format.",
  httpslog: "Takes HAProxy's HTTPS log format, which adds errors and the TLS version to the HTTP one.",
  tcplog: "Takes HAProxy's TCP log format; `tcplog clf` the one like the common log format.",
};

/** Words after `timeout` (manual 4.2). */
export const TIMEOUT_DOCS: Readonly<Record<string, string>> = {
  client: 'How long the client may neither send nor take data.',
  server:
    'How long the server may neither send nor take data; in HTTP mode also how long its answer may take to begin.',
  connect: 'How long a connection to a server may take.',
  check:
    'How long a health check may take once it is connected; without it the interval bounds the whole check.',
  queue: 'How long a stream may wait for a free place at a server; timeout connect where it is not set.',
  'http-keep-alive':
    'How long a client may wait before its next request; timeout http-request, else client, where it is not set.',
  'http-request':
    'How long a complete request head (or a body that is waited for) may take from its first byte.',
  tunnel: 'How long both sides of a tunnel (after CONNECT or 101, and in TCP mode) may be silent.',
  tarpit: 'How long a tarpitted request is held; timeout connect where it is not set.',
  'client-fin': 'How long a client may stay silent after one direction has ended.',
  'server-fin': 'How long a server may stay silent after one direction has ended.',
};

/** Methods of `-m` (manual 7.1). */
export const METHOD_DOCS: Readonly<Record<string, string>> = {
  found: 'True where the sample has a value, whatever it is. Takes no pattern.',
  bool: 'True where the value, as a boolean, is true. Takes no pattern.',
  int: 'The integer lies in one of the ranges `low:high`, or satisfies `eq`, `ge`, `gt`, `le` or `lt`.',
  ip: 'The address lies in one of the networks, IPv4 or IPv6, with a mask in bits or in dots.',
  bin: 'The bytes are those of the pattern, given in hex.',
  len: 'The length of the text, in bytes, lies in one of the ranges, as with int.',
  str: 'The text is the pattern.',
  beg: 'The text begins with the pattern.',
  sub: 'The text contains the pattern.',
  dir: 'The pattern is one of the parts between slashes and question marks, or several in a row.',
  dom: 'The pattern is one of the parts between dots, slashes, colons and question marks, or several in a row.',
  end: 'The text ends with the pattern.',
  reg: 'The regular expression matches somewhere in the text. PCRE2 syntax, as far as V8 can express it.',
};

/** Words after `balance` (manual 4.2). */
export const ALGORITHM_DOCS: Readonly<Record<string, string>> = {
  roundrobin: 'Each server in turn, by weight; weights may change while it runs. The default.',
  'static-rr': 'Each server in turn by a fixed plan; later changes of weight have no effect.',
  leastconn: 'The server with the fewest connections for its weight; in turn where they are equal.',
  first: 'The first server, in order of ids, that has a free place under its maxconn.',
  random:
    'Draws servers at random by weight, two unless `random(<draws>)` says otherwise, and takes the least loaded.',
  source: "A hash of the client's address.",
  uri: 'A hash of the path, with `whole` of the query too; `len` and `depth` bound what is looked at.',
  url_param:
    'A hash of a query parameter, with `check_post` also of one in the body; in turn where it is missing.',
  hash: 'A hash of any sample expression.',
  hdr: 'A hash of a request header, with `use_domain_only` of its main domain; in turn where it is missing.',
  'rdp-cookie': 'A hash of an RDP cookie, `mstshash` unless another is named; in turn where it is missing.',
  'log-hash': 'Log backends: a hash of the line after the converters given.',
  sticky: 'Log backends: the same server until it fails.',
};

/** Sections (manual 2 and following). */
export const SECTION_DOCS: Readonly<Record<string, string>> = {
  global: 'Settings of the process. Several of them add up.',
  defaults: 'Settings that the proxies after it begin with; a proxy may name one with `from`.',
  frontend: 'Listening sockets, and rules on what clients send.',
  backend: 'Servers, and how traffic is spread over them.',
  listen: 'A frontend and its backend in one.',
  userlist: 'Users with passwords, and groups, for http_auth.',
  'http-errors': 'A named set of error pages, taken over with `errorfiles`.',
  ring: 'A buffer of log lines in memory, which may be read on the stats socket and sent on to a server over TCP.',
  'log-forward': 'Receives log lines over UDP and TCP and passes them on.',
  'log-profile': 'How log lines look and which are made, step by step, for the targets that name it.',
};
