// The formats behind `option tcplog`, `httplog` and `httpslog`, as configurations see them through variables so
// that they can append to a format without copying it (manual 8.2).

export const TCP_LOG_FORMAT = '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq';

export const TCP_CLF_LOG_FORMAT =
  '%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac %fc %bc %sc %rc ' +
  '%sq %bq "" "" ';

export const HTTP_LOG_FORMAT =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r';

export const HTTP_CLF_LOG_FORMAT =
  '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc %sc %rc ' +
  '%sq %bq %CC %CS %hrl %hsl';

export const HTTPS_LOG_FORMAT =
  `${HTTP_LOG_FORMAT} %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] ` +
  '%[ssl_fc_sni]/%sslv/%sslc';

/** TLS keys of one connection, a line for each secret, for `fc` (to the client) or `bc` (to the server). */
const keylogFormat = (side: 'fc' | 'bc'): string =>
  [
    ['CLIENT_EARLY_TRAFFIC_SECRET', 'client_early_traffic_secret'],
    ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'client_handshake_traffic_secret'],
    ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'server_handshake_traffic_secret'],
    ['CLIENT_TRAFFIC_SECRET_0', 'client_traffic_secret_0'],
    ['SERVER_TRAFFIC_SECRET_0', 'server_traffic_secret_0'],
    ['EXPORTER_SECRET', 'exporter_secret'],
    ['EARLY_EXPORTER_SECRET', 'early_exporter_secret'],
  ]
    .map(([label, fetch]) => `${label} %[ssl_${side}_client_random,hex] %[ssl_${side}_${fetch}]`)
    .join('\n');

/** Name and value of the variables that hold those formats. */
export const LOG_FORMAT_VARIABLES: readonly (readonly [string, string])[] = [
  ['HAPROXY_HTTP_LOG_FMT', HTTP_LOG_FORMAT],
  ['HAPROXY_HTTP_CLF_LOG_FMT', HTTP_CLF_LOG_FORMAT],
  ['HAPROXY_HTTPS_LOG_FMT', HTTPS_LOG_FORMAT],
  ['HAPROXY_TCP_LOG_FMT', TCP_LOG_FORMAT],
  ['HAPROXY_TCP_CLF_LOG_FMT', TCP_CLF_LOG_FORMAT],
  ['HAPROXY_KEYLOG_FC_LOG_FMT', keylogFormat('fc')],
  ['HAPROXY_KEYLOG_BC_LOG_FMT', keylogFormat('bc')],
];
