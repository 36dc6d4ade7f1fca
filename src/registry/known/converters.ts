// Converters that HAProxy 3.5 knows, by `input>output` type (manual 7.3.1). `any`: the type depends on the arguments
// or on the input, or the manual's table does not give it.

export const CONVERTERS: Readonly<Record<string, string>> = {
  'addr>addr': `
    ipmask map_ip_ip
  `,
  'addr>int': `
    map_ip_int
  `,
  'addr>str': `
    map_ip map_ip_key
  `,
  'any>any': `
    debug set-var unset-var when
  `,
  'any>bool': `
    in_table
  `,
  'any>int': `
    table_bytes_in_rate table_bytes_out_rate table_clr_gpc table_clr_gpc0 table_clr_gpc1 table_conn_cnt
    table_conn_cur table_conn_rate table_expire table_glitch_cnt table_glitch_rate table_gpc table_gpc0
    table_gpc0_rate table_gpc1 table_gpc1_rate table_gpc_rate table_gpt table_gpt0 table_http_err_cnt
    table_http_err_rate table_http_fail_cnt table_http_fail_rate table_http_req_cnt table_http_req_rate
    table_idle table_inc_gpc table_inc_gpc0 table_inc_gpc1 table_kbytes_in table_kbytes_out
    table_server_id table_sess_cnt table_sess_rate table_trackers
  `,
  'any>str': `
    rfc7239_nn rfc7239_np
  `,
  'bin>addr': `
    ip.dst ip.src
  `,
  'bin>any': `
    ungrpc
  `,
  'bin>bin': `
    aes_cbc_dec aes_cbc_enc aes_gcm_dec aes_gcm_enc bytes digest eth.data eth.dst eth.hdr eth.src
    fix_tag_value hmac ip.data ip.fp ip.hdr mqtt_field_value protobuf sha1 sha2 tcp.options_list
  `,
  'bin>bool': `
    fix_is_valid has_ctl mqtt_is_valid
  `,
  'bin>int': `
    crc32 crc32c djb2 eth.proto eth.vlan hex2i ip.df ip.proto ip.tos ip.ttl ip.ver sdbm tcp.dst tcp.flags
    tcp.options.mss tcp.options.sack tcp.options.tsopt tcp.options.tsval tcp.options.wscale
    tcp.options.wsopt tcp.seq tcp.src tcp.win wt6 xxh3 xxh32 xxh64
  `,
  'bin>str': `
    base2 base64 be2dec be2hex hex le2dec
  `,
  'bool>str': `
    iif
  `,
  'int>addr': `
    map_int_ip
  `,
  'int>bool': `
    bool even not odd
  `,
  'int>int': `
    add and cpl div htonl map_int_int mod mul neg or sub xor
  `,
  'int>str': `
    http_date ltime map_int map_int_key ms_ltime ms_utime us_ltime us_utime utime x509_v_err_str
  `,
  'str>addr': `
    map_beg_ip map_dir_ip map_dom_ip map_end_ip map_reg_ip map_str_ip map_sub_ip
  `,
  'str>any': `
    json_query rfc7239_n2nn rfc7239_n2np
  `,
  'str>bin': `
    b64dec jwt_decrypt_cert jwt_decrypt_jwk jwt_decrypt_secret
  `,
  'str>bool': `
    fe_exists rfc7239_is_valid secure_memcmp srv_is_up strcmp
  `,
  'str>int': `
    date jwt_verify jwt_verify_cert length map_beg_int map_dir_int map_dom_int map_end_int map_reg_int
    map_str_int map_sub_int nbsrv port_only srv_queue
  `,
  'str>str': `
    51d.single add_item capture-req capture-res concat cut_crlf da-csv-conv field host_only json
    jwt_header_query jwt_payload_query language lower ltrim map map_beg map_beg_key map_dir map_dir_key
    map_dom map_dom_key map_end map_end_key map_reg map_reg_key map_regm map_str map_str_key map_sub
    map_sub_key param regsub reverse reverse_dom rfc7239_field rtrim ub64dec ub64enc upper url_dec
    url_enc word
  `,
};
