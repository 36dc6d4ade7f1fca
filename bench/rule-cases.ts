// Frontends with many rules of the kinds that configurations have. A request for / passes all of them.

/** Ten rules; `i` makes their patterns differ from those of other tens. */
function ten(i: number): readonly string[] {
  return [
    `http-request deny if { src 192.0.${i >> 8}.${i & 255} 198.51.100.0/24 }`,
    `http-request deny if { path_beg /private${i} /hidden${i} }`,
    `http-request deny if { hdr(user-agent) -m sub -i robot${i} }`,
    `http-request set-header x-part ${i} if { path /part${i} } or { path_end .p${i} }`,
    `http-request deny if { method POST } !{ path_dir form${i} }`,
    `http-request set-var(txn.place${i & 7}) str(${i})`,
    `http-request redirect location /new${i} if { path_reg ^/old${i}/[0-9]+$ }`,
    `http-request deny if { hdr(x-token${i & 3}) -m found } { query -m sub key${i}= }`,
    `use_backend other if { hdr(host) -i shop${i}.example.com www${i}.example.com }`,
    `use_backend other if { path_beg /api/v${i}/ } { src 10.0.0.0/8 }`,
  ];
}

/** `count` rules, in HAProxy's order: those of http-request before use_backend. */
export function manyRules(count: number): readonly string[] {
  const all: string[] = [];
  for (let i = 0; i * 10 < count; i++) all.push(...ten(i));
  const rank = (line: string): number => (line.startsWith('use_backend') ? 1 : 0);
  return all.sort((a, b) => rank(a) - rank(b));
}
