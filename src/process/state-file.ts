// Files of server states, as `show servers state` prints them (management.txt 9.3, format version 1): what is read and
// what is wrong with it. `server-states.ts` applies it.

import { isIP } from 'node:net';
import { FileStore } from '../config/files.ts';
import { isBack } from '../config/defaults.ts';
import { checkOfNumber } from '../backend/checks/status.ts';
import { Admin } from '../core/server-admin.ts';
import type { Diagnostics } from '../config/diagnostics.ts';
import type { Config, ProxyConfig, ServerConfig } from '../config/model.ts';

/** What a file tells of one server. */
export interface SavedState {
  /** Numeric, or null where the file has none. */
  readonly address: string | null;
  readonly operational: number;
  readonly admin: number;
  readonly weight: number;
  readonly initialWeight: number;
  /** Seconds since the last change when the file was written. */
  readonly age: number;
  /** Value of `CheckStatus`. */
  readonly checkStatus: number;
  readonly port: number;
  /** Address and port of checks; null and 0 where the file names none. */
  readonly checkAddress: string | null;
  readonly checkPort: number;
  readonly agentAddress: string | null;
  readonly agentPort: number;
}

/** States by the servers that they are for. */
export type SavedStates = ReadonlyMap<ServerConfig, SavedState>;

/** Fields that a line has at least: up to `srvrecord`. */
const FIELDS_MIN = 20;
const NUMBER = /^[+-]?\d{1,10}$/;

/** Lines by `backend server`, and the first line that cannot be one: counted after the version, 0 for none. */
export interface StateLines {
  readonly lines: ReadonlyMap<string, readonly string[]>;
  readonly corrupted: number;
}

/** Null: the text does not begin with version 1. The later of two lines about a server holds. */
export function parseStateFile(text: string): StateLines | null {
  const [version, ...rest] = text.split('\n');
  if (version!.trim() !== '1') return null;
  const lines = new Map<string, readonly string[]>();
  for (const [at, line] of rest.entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const fields = line.trim().split(/[ \t]+/);
    if (fields.length < FIELDS_MIN) return { lines, corrupted: at + 1 };
    lines.set(`${fields[1]!} ${fields[3]!}`, fields);
  }
  return { lines, corrupted: 0 };
}

/** The state that a line tells, or what is wrong with it in HAProxy's words. */
export function stateOf(fields: readonly string[]): SavedState | string {
  const faults: string[] = [];
  const take = (at: number, name: string, lowest: number, highest: number): number => {
    const text = fields[at] ?? '0';
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (value >= lowest && value <= highest) return value;
    faults.push(`invalid ${name} value '${text}'`);
    return 0;
  };
  const ip = (at: number): string | null => (isIP(fields[at] ?? '') === 0 ? null : fields[at]!);
  const operational = take(5, 'srv_op_state', 0, 3);
  const admin = take(6, 'srv_admin_state', 0, 127);
  // Whoever was in forced maintenance had left forced drain.
  if ((admin & Admin.FORCED_MAINT) !== 0 && (admin & Admin.FORCED_DRAIN) !== 0) {
    faults.push(`invalid srv_admin_state value '${fields[6]!}'`);
  }
  const weight = take(7, 'srv_uweight', 0, 256);
  const initialWeight = take(8, 'srv_iweight', 0, 256);
  const age = take(9, 'srv_last_time_change', -0x7fffffff, 0x7fffffff);
  const status = take(10, 'srv_check_status', 0, 27);
  take(11, 'srv_check_result', 0, 4);
  take(13, 'srv_check_state', 0, 31);
  take(14, 'srv_agent_state', 0, 31);
  take(15, 'bk_f_forced_id', 0, 1);
  take(16, 'srv_f_forced_id', 0, 1);
  const port = take(18, 'srv_port', 0, 65535);
  const checkPort = take(21, 'srv_check_port', 0, 65535);
  const agentPort = take(24, 'srv_agent_port', 0, 65535);
  if (faults.length > 0) return faults.join(', ');
  return {
    address: ip(4),
    operational,
    admin,
    weight,
    initialWeight,
    age,
    checkStatus: checkOfNumber(status),
    port,
    checkAddress: ip(22),
    checkPort,
    agentAddress: ip(23),
    agentPort,
  };
}

/** Reads the files that the configuration names. What cannot be used is a warning. */
export function readSavedStates(config: Config, diagnostics: Diagnostics): SavedStates {
  const states = new Map<ServerConfig, SavedState>();
  const disk = FileStore.onDisk();
  const { serverStateFile, serverStateBase } = config.global;
  const pathOf = (name: string): string =>
    serverStateBase === null || name.startsWith('/') ? name : `${serverStateBase}/${name}`;
  const read = (path: string, what: string, lead: string, stop: string): StateLines['lines'] => {
    const warn = (text: string): void => diagnostics.warning(null, `${lead} ${text}`);
    const file = disk.readUnrecorded(path);
    if ('error' in file) {
      warn(`Can't open ${what} '${path}': ${file.error}${stop}`);
      return new Map();
    }
    const parsed = parseStateFile(file.text);
    if (parsed === null) warn(`Can't get version of the ${what} '${path}'.`);
    else if (parsed.corrupted > 0) warn(`corrupted ${what} '${path}' at line ${parsed.corrupted}.`);
    return parsed?.lines ?? new Map();
  };
  let global: StateLines['lines'] = new Map();
  // HAProxy opens it whether or not a proxy asks for it.
  if (serverStateFile !== null) {
    global = read(pathOf(serverStateFile), 'global server state file', 'config:', '');
  }
  for (const proxy of config.proxies) {
    if (!isBack(proxy.kind) || proxy.serverStates === 'none') continue;
    const { name, serverStates } = proxy;
    const path = pathOf(proxy.serverStateFile ?? name);
    const lines =
      serverStates === 'global' ? global : read(path, 'server state file', `Proxy '${name}':`, '.');
    if (serverStates === 'local') warnStrangers(proxy, lines, diagnostics);
    for (const server of proxy.servers) {
      const fields = lines.get(`${name} ${server.name}`);
      if (fields === undefined) continue;
      const state = stateOf(fields);
      if (typeof state !== 'string') states.set(server, state);
      else {
        const whose = `server-state application failed for server '${name}/${server.name}'`;
        diagnostics.warning(null, `${whose}, ${state}`);
      }
    }
  }
  return states;
}

/** A file of one backend should have been written by that one. Its lines count all the same. */
function warnStrangers(proxy: ProxyConfig, lines: StateLines['lines'], diagnostics: Diagnostics): void {
  const { name, id, servers } = proxy;
  const warn = (text: string): void => diagnostics.warning(null, `Proxy '${name}': ${text}`);
  for (const [found, whose, , server] of lines.values()) {
    if (whose !== name) continue;
    if (found !== String(id)) {
      warn(`backend ID mismatch: from server state file: '${found}', from running config '${id}'`);
    }
    if (!servers.some((one) => one.name === server)) {
      warn(`can't find server '${server}' in backend '${name}'`);
    }
  }
}
