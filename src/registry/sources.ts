// Where the data of sample fetches comes from, and therefore where they may be used (manual 7.3.2 to 7.3.6).

import { Phase } from '../sample/expression.ts';

const REQUEST = Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP;
const RESPONSE = Phase.RESPONSE_CONTENT | Phase.RESPONSE_HTTP | Phase.AFTER_RESPONSE;
const STREAM = REQUEST | RESPONSE | Phase.LOG;
const RUNNING = Phase.CONNECTION | Phase.SESSION | STREAM | Phase.CHECK;

/** Every place an expression can stand in. */
export const ALL_PHASES = RUNNING | Phase.CONFIG;

/** Spread one of these into a fetch: `...Source.REQUEST_HEADERS`. */
export const Source = {
  CONSTANT: { phases: ALL_PHASES, needs: 'internal state', needsHttp: false },
  INTERNAL: { phases: ALL_PHASES, needs: 'internal state', needsHttp: false },
  LISTENER: { phases: RUNNING & ~Phase.CHECK, needs: 'listener', needsHttp: false },
  FRONTEND: { phases: RUNNING & ~Phase.CHECK, needs: 'frontend', needsHttp: false },
  CLIENT: { phases: RUNNING & ~Phase.CHECK, needs: 'client address', needsHttp: false },
  CLIENT_SESSION: { phases: RUNNING & ~Phase.CHECK, needs: 'client-side session', needsHttp: false },
  TRACKED: { phases: STREAM, needs: 'stream state', needsHttp: false },
  REQUEST_BYTES: { phases: REQUEST, needs: 'request buffer contents', needsHttp: false },
  REQUEST_HEADERS: { phases: REQUEST, needs: 'HTTP request headers', needsHttp: true },
  REQUEST_BODY: { phases: REQUEST, needs: 'HTTP request body', needsHttp: true },
  REQUEST_KEPT: { phases: STREAM, needs: 'HTTP request', needsHttp: true },
  BACKEND: { phases: STREAM | Phase.CHECK, needs: 'backend', needsHttp: false },
  SERVER: { phases: RESPONSE | Phase.LOG | Phase.CHECK, needs: 'server', needsHttp: false },
  SERVER_SESSION: {
    phases: RESPONSE | Phase.LOG | Phase.CHECK,
    needs: 'server-side session',
    needsHttp: false,
  },
  RESPONSE_BYTES: {
    phases: RESPONSE & ~Phase.AFTER_RESPONSE,
    needs: 'response buffer contents',
    needsHttp: false,
  },
  RESPONSE_HEADERS: { phases: RESPONSE, needs: 'HTTP response headers', needsHttp: true },
  RESPONSE_STATUS: { phases: RESPONSE | Phase.LOG, needs: 'HTTP response', needsHttp: true },
  BOTH_HEADERS: { phases: REQUEST | RESPONSE, needs: 'HTTP request headers', needsHttp: true },
} as const;
