// Which server a request asks for, by rule or cookie, before the slot finds one (manual: use-server, cookie,
// force-persist, ignore-persist, option persist).

import { readCookie } from '../http/cookies.ts';
import type { CookieSettings, ProxyConfig } from '../config/model.ts';
import type { HttpStream } from './http-stream.ts';
import type { Server } from '../backend/server.ts';

/** The backend is known and all rules have run: asks the slot for the wanted server, or for any. */
export function assignServer(stream: HttpStream): void {
  const backend = stream.backend!;
  let forced = false;
  for (const rule of backend.persistRules) {
    if (!rule.condition.test(stream)) continue;
    if (rule.kind === 'force') forced = true;
    else stream.persistIgnored = true;
    break;
  }
  const evenDown = forced || stream.farm!.persists;
  let wanted = backend.useServer.length > 0 ? serverOfRules(stream, backend, evenDown) : null;
  stream.ruleServer = wanted;
  if (backend.cookie !== null) {
    const named = serverOfCookie(stream, backend.cookie, evenDown);
    wanted ??= named;
  }
  const asked = wanted !== null;
  stream.slot.start(wanted, forced && asked, evenDown && asked);
}

function serverOfRules(stream: HttpStream, backend: ProxyConfig, evenDown: boolean): Server | null {
  for (const rule of backend.useServer) {
    if (rule.condition !== null && !rule.condition.test(stream)) continue;
    const name = rule.format === null ? rule.name : rule.format.render(stream);
    const server: Server | null = name === null ? null : stream.farm!.serverByName(name);
    // A server that is down, or that no longer exists, leaves the choice to the next rules.
    if (server !== null && (server.acceptsPersistent || evenDown)) return server;
  }
  return null;
}

/** Reads the cookie and notes what it was worth; the server it names, where that may be used. */
function serverOfCookie(stream: HttpStream, settings: CookieSettings, evenDown: boolean): Server | null {
  const finding = readCookie(stream, settings);
  // Passive mode without options is not reported in logs, though it persists all the same.
  const reported = settings.mode !== 'passive' || settings.indirect;
  if (reported) stream.cookieAction = 'N';
  const server = stream.cookieServer;
  if (stream.ruleServer !== null || stream.persistIgnored) {
    // The cookie's server was not asked; it may be chosen by chance all the same.
    if (reported) stream.cookieSeen = finding === 'N' ? 'N' : 'U';
    return null;
  }
  if (finding !== 'V' || server === null) {
    if (reported) stream.cookieSeen = finding;
    return null;
  }
  // A server that drains or stops still serves its own.
  const up = server.acceptsPersistent;
  if (reported) stream.cookieSeen = up ? 'V' : 'D';
  return up || evenDown ? server : null;
}
