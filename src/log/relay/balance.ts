// Which server of a log backend takes a line (manual 4.2 balance, in backends in log mode).

import { ServerInt } from '../../core/shared.ts';
import { avalanche } from '../../balance/hash.ts';
import { LINE_VARIABLE } from '../../config/keywords/balance.ts';
import { Sample } from '../../sample/sample.ts';
import { Variables } from '../../sample/variables.ts';
import type { Expression } from '../../sample/expression.ts';
import type { BalanceSettings } from '../../balance/balance.ts';
import type { Hasher } from '../../balance/hash.ts';
import type { StreamContext } from '../../sample/context.ts';

/** The variable that the converters of `log-hash` begin with, without its scope. */
const NAME = LINE_VARIABLE.slice('txn.'.length);

/** A server's shared state. */
export interface LogServerState {
  readonly ints: Int32Array;
  readonly backup: boolean;
}

/** Running and in no maintenance, not drained: bits as `show servers state` has them. */
function isUsable({ ints }: LogServerState): boolean {
  const state = ints[ServerInt.OPERATIONAL]!;
  return (state === 1 || state === 2) && ints[ServerInt.ADMIN] === 0 && ints[ServerInt.WEIGHT_USER] !== 0;
}

export class LogBalancer {
  private readonly servers: readonly LogServerState[];
  private readonly settings: BalanceSettings;
  private readonly hash: Hasher;
  private readonly random: () => number;
  private turn = 0;

  constructor(
    servers: readonly LogServerState[],
    settings: BalanceSettings,
    hash: Hasher,
    random: () => number = Math.random,
  ) {
    this.servers = servers;
    this.settings = settings;
    this.hash = hash;
    this.random = random;
  }

  /** Index of the server for `line`, -1 where none is usable. Backups serve while no other does. */
  pick(line: Buffer): number {
    let usable = this.usable(false);
    if (usable.length === 0) usable = this.usable(true).slice(0, 1);
    if (usable.length === 0) return -1;
    switch (this.settings.algorithm) {
      case 'sticky':
        return this.oldest(usable);
      case 'log-hash':
        return usable[this.hashOf(line) % usable.length]!;
      case 'random':
        return usable[Math.floor(this.random() * usable.length)]!;
      default:
        return usable[this.turn++ % usable.length]!;
    }
  }

  private hashOf(line: Buffer): number {
    const value = this.hash(keyOf(this.settings.expression!, line));
    return this.settings.avalanche ? avalanche(value) : value;
  }

  private usable(backups: boolean): number[] {
    const found: number[] = [];
    this.servers.forEach((server, index) => {
      if (server.backup === backups && isUsable(server)) found.push(index);
    });
    return found;
  }

  /** The one that has been up for longest, those that never were down first, in their order. */
  private oldest(usable: readonly number[]): number {
    const order = (index: number): number => this.servers[index]!.ints[ServerInt.UP_ORDER]!;
    return usable.reduce((best, index) => (order(index) < order(best) ? index : best));
  }
}

const variables = new Variables();
const none = new Variables();
/** Converters of a line see nothing of a stream but the line itself; variables of other scopes have no value. */
const LINE = {
  transactionVariables: variables,
  requestVariables: none,
  responseVariables: none,
  session: { variables: none },
  requestCaptured: [],
  responseCaptured: [],
  backend: null,
  server: null,
  serverLogName: '<NOSRV>',
  timers: { connect: -1 },
  isNormal: () => true,
  process: {
    processVariables: none,
    config: { proxies: [], global: { tokenDecryption: null } },
    stopping: false,
    servers: () => [],
    emit() {},
  },
} as unknown as StreamContext;
const sample = new Sample();

/** What the converters make of a line, as text; the empty text where they make nothing. */
function keyOf(expression: Expression, line: Buffer): string {
  sample.setStr(line.toString('latin1'));
  variables.set(NAME, sample);
  return expression.text(LINE) ?? '';
}
