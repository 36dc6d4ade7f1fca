// Names that stand for a fetch with a match method in ACLs: `path_beg` is `path -m beg` (manual 7.3). Fetch names
// are ACL names too and are not repeated here.

export const ACL_DERIVATIVES = `
  base_beg base_dir base_dom base_end base_len base_reg base_sub cook_beg cook_dir cook_dom cook_end
  cook_len cook_reg cook_sub hdr_beg hdr_dir hdr_dom hdr_end hdr_len hdr_reg hdr_sub path_beg path_dir
  path_dom path_end path_len path_reg path_sub req.cook_beg req.cook_dir req.cook_dom req.cook_end
  req.cook_len req.cook_reg req.cook_sub res.hdr_beg res.hdr_dir res.hdr_dom res.hdr_end res.hdr_len
  res.hdr_reg res.hdr_sub res.scook resp.ver scook_beg scook_dir scook_dom scook_end scook_len scook_reg
  scook_sub shdr_beg shdr_dir shdr_dom shdr_end shdr_len shdr_reg shdr_sub ssl_fc_sni_end ssl_fc_sni_reg
  url_beg url_dir url_dom url_end url_len url_reg url_sub urlp_beg urlp_dir urlp_dom urlp_end urlp_len
  urlp_reg urlp_sub
`;
