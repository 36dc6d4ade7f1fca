import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { manual, manualOnDisk, pages } from './manual.ts';

test('docs/manual/ says what the registry says (bin/node tools/manual.ts --write)', () => {
  const [wanted, found] = [manual(), manualOnDisk()];
  deepStrictEqual([...found.keys()].sort(), [...wanted.keys()].sort());
  const stale = [...wanted].filter(([file, text]) => found.get(file) !== text).map(([file]) => file);
  deepStrictEqual(stale, []);
});

test('every keyword of the manual has a usage and a sentence', () => {
  for (const { file, entries } of pages()) {
    ok(entries.length > 0, file);
    for (const { name, usage, doc } of entries) {
      ok(usage.includes(name.split(' ')[0]!), `${file}: ${name} and its usage '${usage}'`);
      ok(/^[\S].*[.)]$/s.test(doc.trim()), `${file}: ${name} is told as '${doc}'`);
    }
  }
});

/** Converters that need an answer, or keys and certificates of some length: tests of their own run them. */
const UNSHOWN = [
  'capture-res',
  'jwt_decrypt_cert',
  'jwt_decrypt_jwk',
  'jwt_decrypt_secret',
  'jwt_verify_cert',
];

/** Fetches whose value no example can promise, and why. */
const WITHOUT_EXAMPLE: Readonly<Record<string, string>> = {
  'changes from moment to moment': `
    accept_date date date_us uptime uuid pid hostname act_conn be_sess_rate fe_req_rate fe_sess_rate srv_sess_rate
    request_date txn.id32 fc_src_port fc_dst_port bc_src_port bc_dst_port fc_rtt fc_rttvar bc_rtt bc_rttvar fc_unacked
    fc_sacked fc_lost fc_retrans fc_fackets fc_reordering bc.timer.connect fc.timer.handshake fc.timer.total
    txn.timer.total txn.timer.user req.timer.hdr req.timer.idle req.timer.queue req.timer.tq res.timer.data
    res.timer.hdr`,
  'reads bytes of a protocol that is not HTTP': `
    req.len req_len req.payload payload res.len res.payload distcc_param distcc_body req.payload_lv res.payload_lv
    payload_lv req.rdp_cookie rdp_cookie req.rdp_cookie_cnt rdp_cookie_cnt req.ssl_hello_type req_ssl_hello_type
    res.ssl_hello_type rep_ssl_hello_type req.ssl_ver req_ssl_ver req.ssl_sni req_ssl_sni req.ssl_alpn req.ssl_st_ext
    req.ssl_ec_ext req.ssl_cipherlist req.ssl_keyshare_groups req.ssl_sigalgs req.ssl_supported_groups wait_end`,
  'tells of the machine or of the inside of a stream': `
    cpu_calls cpu_ns_avg cpu_ns_tot cpu_usage_grp cpu_usage_proc cpu_usage_thr lat_ns_avg lat_ns_tot fs.id bs.id
    fs.debug_str bs.debug_str fc_saved_syn last_entity waiting_entity term_events`,
  'is there after a fault alone': `
    bc_err bc_err_name bc_err_str`,
  'is known when the stream ends': `
    req.bytes_in bytes_in res.bytes_in bytes_out req.bytes_out res.bytes_out txn.sess_term_state last_rule_file
    last_rule_line fs.aborted bs.aborted fs.rst_code bs.rst_code`,
  'has no value, or 0, over HTTP/1': `
    fc_glitches bc_glitches fc_settings_streams_limit bc_settings_streams_limit`,
  'depends on what else is configured': `
    fe_tarpit_timeout cur_connect_timeout cur_queue_timeout cur_tarpit_timeout res.body res.body_len res.body_size
    res.hdrs res.hdrs_bin`,
};

test('every fetch and every converter has an example, or is listed with the reason why not', () => {
  const listed = Object.values(WITHOUT_EXAMPLE).flatMap((names) => names.trim().split(/\s+/));
  const bare = (file: string): string[] =>
    pages()
      .find((page) => page.file === file)!
      .entries.filter(({ examples = [] }) => examples.length === 0)
      .map(({ name }) => name);
  deepStrictEqual(bare('fetches.md'), listed.sort());
  deepStrictEqual(bare('converters.md'), UNSHOWN);
});
