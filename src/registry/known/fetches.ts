// Sample fetches that HAProxy 3.5 knows, by the type of their output (manual 7.3.2 to 7.3.7). `any`: the type depends
// on the arguments, or the manual's tables do not give it.

export type FetchType = 'addr' | 'any' | 'bin' | 'bool' | 'int' | 'ipv4' | 'ipv6' | 'method' | 'str';

export const FETCHES: Readonly<Record<FetchType, string>> = {
  addr: `
    bc_dst bc_src dst fc_dst fc_src hdr_ip req.hdr_ip res.hdr_ip shdr_ip src url_ip
  `,
  any: `
    cpu_usage_grp cpu_usage_proc cpu_usage_thr dump_all_vars fcgi.docroot fcgi.index nbproc sc0_key
    sc1_key sc2_key sc_key spoe.engine-id ssl_fc_early_rcvd tgroup var
  `,
  bin: `
    base32+src bin distcc_body fc_saved_syn internal.htx_blk.data payload payload_lv req.body
    req.hdrs_bin req.payload req.payload_lv req.ssl_cipherlist req.ssl_keyshare_groups req.ssl_sigalgs
    req.ssl_supported_groups res.body res.hdrs_bin res.payload res.payload_lv ssl_bc_client_random
    ssl_bc_server_random ssl_bc_session_id ssl_bc_session_key ssl_bc_unique_id ssl_c_chain_der ssl_c_der
    ssl_c_serial ssl_c_sha1 ssl_f_der ssl_f_serial ssl_f_sha1 ssl_fc_cipherlist_bin ssl_fc_client_random
    ssl_fc_ecformats_bin ssl_fc_eclist_bin ssl_fc_extlist_bin ssl_fc_server_random ssl_fc_session_id
    ssl_fc_session_key ssl_fc_sigalgs_bin ssl_fc_supported_versions_bin ssl_fc_unique_id ssl_s_chain_der
    ssl_s_der ssl_s_serial ssl_s_sha1 url32+src
  `,
  bool: `
    acl always_false always_true bc_reused bool bs.aborted dst_is_local fc_dst_is_local fc_rcvd_proxy
    fc_src_is_local fs.aborted http_auth http_first_req internal.htx.has_eom internal.strm.is_htx
    quic_enabled req.proto_http req.ssl_ec_ext req_proto_http res.cache_hit res.comp sc0_tracked
    sc1_tracked sc2_tracked sc_tracked src_is_local srv_is_up ssl_bc ssl_bc_is_resumed ssl_c_used ssl_fc
    ssl_fc_has_crt ssl_fc_has_early ssl_fc_has_sni ssl_fc_is_resumed stopping txn.redispatched wait_end
  `,
  int: `
    int accept_date act_conn avg_queue base32 bc.timer.connect bc_be_queue bc_dst_port bc_err bc_glitches
    bc_http_major bc_nb_streams bc_rtt bc_rttvar bc_settings_streams_limit bc_src_port bc_srv_queue
    be_conn be_conn_free be_connect_timeout be_id be_max_retries be_queue_timeout be_server_timeout
    be_sess_rate be_tarpit_timeout be_tunnel_timeout bs.id bs.rst_code bytes_in bytes_out connslots
    cook_cnt cook_val cpu_calls cpu_ns_avg cpu_ns_tot cur_client_timeout cur_connect_timeout
    cur_max_retries cur_queue_timeout cur_server_timeout cur_tarpit_timeout cur_tunnel_timeout date
    date_us distcc_param dst_conn dst_port fc.timer.handshake fc.timer.total fc_dst_port fc_err
    fc_fackets fc_glitches fc_http_major fc_lost fc_nb_streams fc_reordering fc_retrans fc_rtt fc_rttvar
    fc_sacked fc_settings_streams_limit fc_src_port fc_unacked fe_client_timeout fe_conn fe_id
    fe_req_rate fe_sess_rate fe_tarpit_timeout fs.id fs.rst_code hdr_cnt hdr_val internal.htx.data
    internal.htx.free internal.htx.free_data internal.htx.nbblks internal.htx.size internal.htx.used
    internal.htx_blk.size last_rule_line lat_ns_avg lat_ns_tot method nbsrv pid prio_class prio_offset
    proc queue rand rdp_cookie_cnt rep_ssl_hello_type req.body_len req.body_size req.bytes_in
    req.bytes_out req.cook_cnt req.cook_val req.fhdr_cnt req.hdr_cnt req.hdr_val req.len
    req.rdp_cookie_cnt req.ssl_hello_type req.ssl_st_ext req.ssl_ver req.timer.hdr req.timer.idle
    req.timer.queue req.timer.tq req_len req_ssl_hello_type req_ssl_ver request_date res.body_len
    res.body_size res.bytes_in res.bytes_out res.cook_cnt res.cook_val res.fhdr_cnt res.hdr_cnt
    res.hdr_val res.len res.ssl_hello_type res.timer.data res.timer.hdr sc0_bytes_in_rate
    sc0_bytes_out_rate sc0_clr_gpc sc0_clr_gpc0 sc0_clr_gpc1 sc0_conn_cnt sc0_conn_cur sc0_conn_rate
    sc0_get_gpc sc0_get_gpc0 sc0_get_gpc1 sc0_get_gpt sc0_get_gpt0 sc0_glitch_cnt sc0_glitch_rate
    sc0_gpc0_rate sc0_gpc1_rate sc0_gpc_rate sc0_http_err_cnt sc0_http_err_rate sc0_http_fail_cnt
    sc0_http_fail_rate sc0_http_req_cnt sc0_http_req_rate sc0_inc_gpc sc0_inc_gpc0 sc0_inc_gpc1
    sc0_kbytes_in sc0_kbytes_out sc0_sess_cnt sc0_sess_rate sc0_trackers sc1_bytes_in_rate
    sc1_bytes_out_rate sc1_clr_gpc sc1_clr_gpc0 sc1_clr_gpc1 sc1_conn_cnt sc1_conn_cur sc1_conn_rate
    sc1_get_gpc sc1_get_gpc0 sc1_get_gpc1 sc1_get_gpt sc1_get_gpt0 sc1_glitch_cnt sc1_glitch_rate
    sc1_gpc0_rate sc1_gpc1_rate sc1_gpc_rate sc1_http_err_cnt sc1_http_err_rate sc1_http_fail_cnt
    sc1_http_fail_rate sc1_http_req_cnt sc1_http_req_rate sc1_inc_gpc sc1_inc_gpc0 sc1_inc_gpc1
    sc1_kbytes_in sc1_kbytes_out sc1_sess_cnt sc1_sess_rate sc1_trackers sc2_bytes_in_rate
    sc2_bytes_out_rate sc2_clr_gpc sc2_clr_gpc0 sc2_clr_gpc1 sc2_conn_cnt sc2_conn_cur sc2_conn_rate
    sc2_get_gpc sc2_get_gpc0 sc2_get_gpc1 sc2_get_gpt sc2_get_gpt0 sc2_glitch_cnt sc2_glitch_rate
    sc2_gpc0_rate sc2_gpc1_rate sc2_gpc_rate sc2_http_err_cnt sc2_http_err_rate sc2_http_fail_cnt
    sc2_http_fail_rate sc2_http_req_cnt sc2_http_req_rate sc2_inc_gpc sc2_inc_gpc0 sc2_inc_gpc1
    sc2_kbytes_in sc2_kbytes_out sc2_sess_cnt sc2_sess_rate sc2_trackers sc_bytes_in_rate
    sc_bytes_out_rate sc_clr_gpc sc_clr_gpc0 sc_clr_gpc1 sc_conn_cnt sc_conn_cur sc_conn_rate sc_get_gpc
    sc_get_gpc0 sc_get_gpc1 sc_get_gpt sc_get_gpt0 sc_glitch_cnt sc_glitch_rate sc_gpc0_rate sc_gpc1_rate
    sc_gpc_rate sc_http_err_cnt sc_http_err_rate sc_http_fail_cnt sc_http_fail_rate sc_http_req_cnt
    sc_http_req_rate sc_inc_gpc sc_inc_gpc0 sc_inc_gpc1 sc_kbytes_in sc_kbytes_out sc_sess_cnt
    sc_sess_rate sc_trackers scook_cnt scook_val server_status shdr_cnt shdr_val so_id src_bytes_in_rate
    src_bytes_out_rate src_clr_gpc src_clr_gpc0 src_clr_gpc1 src_conn_cnt src_conn_cur src_conn_rate
    src_get_gpc src_get_gpc0 src_get_gpc1 src_get_gpt src_get_gpt0 src_glitch_cnt src_glitch_rate
    src_gpc0_rate src_gpc1_rate src_gpc_rate src_http_err_cnt src_http_err_rate src_http_fail_cnt
    src_http_fail_rate src_http_req_cnt src_http_req_rate src_inc_gpc src_inc_gpc0 src_inc_gpc1
    src_kbytes_in src_kbytes_out src_port src_sess_cnt src_sess_rate src_updt_conn_cnt srv_conn
    srv_conn_free srv_id srv_iweight srv_queue srv_sess_rate srv_uweight srv_weight ssl_bc_alg_keysize
    ssl_bc_err ssl_bc_use_keysize ssl_c_ca_err ssl_c_ca_err_depth ssl_c_err ssl_c_verify ssl_c_version
    ssl_f_version ssl_fc_alg_keysize ssl_fc_cipherlist_xxh ssl_fc_err ssl_fc_protocol_hello_id
    ssl_fc_use_keysize ssl_s_version status table_avl table_cnt thread txn.conn_retries txn.id32
    txn.status txn.timer.total txn.timer.user uptime url32 url_port urlp_val
  `,
  ipv4: `
    ipv4
  `,
  ipv6: `
    ipv6
  `,
  method: `
    meth
  `,
  str: `
    51d.all base baseq bc_err_name bc_err_str be_name bs.debug_str capture.req.hdr capture.req.method
    capture.req.uri capture.req.ver capture.res.hdr capture.res.ver cook cookie env fc_err_name
    fc_err_str fc_pp_authority fc_pp_tlv fc_pp_unique_id fe_defbe fe_name fs.debug_str hdr hostname
    http_auth_bearer http_auth_group http_auth_pass http_auth_type http_auth_user
    internal.htx_blk.hdrname internal.htx_blk.hdrval internal.htx_blk.start_line internal.htx_blk.type
    last_entity last_rule_file path pathq query rdp_cookie req.body_param req.cook req.cook_names
    req.fhdr req.hdr req.hdr_names req.hdrs req.rdp_cookie req.ssl_alpn req.ssl_sni req.ver req_ssl_sni
    req_ver res.cache_name res.comp_algo res.cook res.cook_names res.fhdr res.hdr res.hdr_names res.hdrs
    res.ver resp_ver scook set-cookie shdr so_name srv_name ssl_bc_alpn ssl_bc_cipher
    ssl_bc_client_early_traffic_secret ssl_bc_client_handshake_traffic_secret
    ssl_bc_client_traffic_secret_0 ssl_bc_curve ssl_bc_early_exporter_secret ssl_bc_err_str
    ssl_bc_exporter_secret ssl_bc_npn ssl_bc_protocol ssl_bc_server_handshake_traffic_secret
    ssl_bc_server_traffic_secret_0 ssl_bc_sni ssl_c_i_dn ssl_c_key_alg ssl_c_notafter ssl_c_notbefore
    ssl_c_policies ssl_c_r_dn ssl_c_s_dn ssl_c_san ssl_c_sig_alg ssl_f_i_dn ssl_f_key_alg ssl_f_notafter
    ssl_f_notbefore ssl_f_s_dn ssl_f_sig_alg ssl_fc_alpn ssl_fc_cipher ssl_fc_cipherlist_hex
    ssl_fc_cipherlist_str ssl_fc_client_early_traffic_secret ssl_fc_client_handshake_traffic_secret
    ssl_fc_client_traffic_secret_0 ssl_fc_crtname ssl_fc_curve ssl_fc_early_exporter_secret
    ssl_fc_err_str ssl_fc_exporter_secret ssl_fc_npn ssl_fc_protocol
    ssl_fc_server_handshake_traffic_secret ssl_fc_server_traffic_secret_0 ssl_fc_sni ssl_s_i_dn
    ssl_s_key_alg ssl_s_notafter ssl_s_notbefore ssl_s_s_dn ssl_s_sig_alg str term_events
    txn.sess_term_state unique-id url url_param urlp uuid waiting_entity
  `,
};
