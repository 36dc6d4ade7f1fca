// All actions.

import type { ActionKeyword } from '../../registry/define.ts';
import auth from './auth.ts';
import bandwidth from './bandwidth.ts';
import doLog from './do-log.ts';
import final from './final.ts';
import headers from './headers.ts';
import maps from './maps.ts';
import headersBinary from './headers-bin.ts';
import marks from './marks.ts';
import normalizeUri from './normalize-uri.ts';
import redirect from './redirect.ts';
import requestLine from './request-line.ts';
import stream from './stream.ts';
import strictMode from './strict-mode.ts';
import useService from './use-service.ts';
import variables from './variables.ts';

export const ACTIONS: readonly ActionKeyword[] = [
  auth,
  bandwidth,
  doLog,
  ...final,
  ...headers,
  ...maps,
  ...headersBinary,
  ...marks,
  normalizeUri,
  redirect,
  ...requestLine,
  ...stream,
  strictMode,
  useService,
  ...variables,
];
