// All sample fetches.

import type { FetchKeyword } from '../../registry/define.ts';
import acl from './acl.ts';
import connectionFault from './connection-fault.ts';
import connection from './connection.ts';
import limits from './limits.ts';
import constants from './constants.ts';
import cookies from './cookies.ts';
import headers from './headers.ts';
import httpAuth from './http-auth.ts';
import payload from './payload.ts';
import process from './process.ts';
import proxies from './proxies.ts';
import requestLine from './request-line.ts';
import servers from './servers.ts';
import distcc from './distcc.ts';
import payloadLv from './payload-lv.ts';
import rdp from './rdp.ts';
import tlsHello from './tls-hello.ts';
import dumpVars from './dump-vars.ts';
import headersBinary from './hdrs-bin.ts';
import muxes from './muxes.ts';
import tcpInfo from './tcp-info.ts';
import urlHash from './url-hash.ts';
import transaction from './transaction.ts';
import urlParam from './url-param.ts';
import debug from './debug.ts';
import effort from './effort.ts';
import variables from './var.ts';

export const FETCHES: readonly FetchKeyword[] = [
  ...acl,
  ...connection,
  ...connectionFault,
  ...limits,
  ...constants,
  ...cookies,
  ...headers,
  ...httpAuth,
  ...payload,
  ...process,
  ...proxies,
  ...requestLine,
  ...servers,
  ...distcc,
  ...payloadLv,
  ...rdp,
  ...tlsHello,
  ...dumpVars,
  ...headersBinary,
  ...muxes,
  ...tcpInfo,
  ...urlHash,
  ...transaction,
  ...urlParam,
  ...debug,
  ...effort,
  ...variables,
];
