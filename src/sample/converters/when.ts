// Values that are wanted under a condition only (manual 7.3.1, when).

import type { Condition } from '../../acl/condition.ts';
import { optional, str } from '../../registry/args.ts';
import { ConfigError, defineConverter, type ParseContext } from '../../registry/define.ts';
import { ALL_PHASES } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { Type } from '../sample.ts';
import type { ArgSpec } from '../../registry/define.ts';

type Test = (stream: StreamContext, acl: Condition | null) => boolean;

const isForwarded = (stream: StreamContext): boolean => stream.timers.connect >= 0;
/** A service inside of the process answered; without one and without a server the name is <NOSRV>. */
const isApplet = (stream: StreamContext): boolean =>
  stream.server === null && stream.serverLogName !== '<NOSRV>';

const TESTS: Readonly<Record<string, Test>> = {
  acl: (stream, acl) => acl!.test(stream),
  error: (stream) => !stream.isNormal(),
  forwarded: isForwarded,
  normal: (stream) => stream.isNormal(),
  processed: (stream) => isForwarded(stream) || isApplet(stream),
  stopping: (stream) => stream.process.stopping,
  toapplet: isApplet,
};

interface When {
  readonly name: string;
  readonly test: Test;
  /** What the test must give. */
  readonly wanted: boolean;
  /** Waits for the name of the ACL, which is another argument. */
  acl: Condition | null;
}

const condition: ArgSpec<When> = {
  usage: 'condition',
  kind: 'string',
  optional: false,
  fallback: null as unknown as When,
  parse(text) {
    const name = text.replace(/^!/, '');
    if (!Object.hasOwn(TESTS, name)) {
      throw new ConfigError(`unknown condition '${name}', expects one of ${Object.keys(TESTS).join(', ')}`);
    }
    return { name, test: TESTS[name]!, wanted: name === text, acl: null };
  },
};

function findAcl(name: string, context: ParseContext): Condition {
  if (!/^[A-Za-z0-9_.:-]+$/.test(name)) throw new ConfigError("condition 'acl' expects the name of an ACL");
  return context.condition(['if', name], ALL_PHASES);
}

export default [
  defineConverter({
    name: 'when',
    from: Type.ANY,
    to: Type.ANY,
    args: [condition, optional(str('args'), '')],
    volatile: true,
    doc:
      'Passes the value on where a condition holds: error, normal, forwarded, processed, toapplet, stopping or ' +
      'acl with its name; ! negates it.',
    check([when, name], context) {
      if (when.name !== 'acl') return name === '' ? undefined : `condition '${when.name}' takes no argument`;
      try {
        when.acl = findAcl(name, context);
        return undefined;
      } catch (error) {
        if (error instanceof ConfigError) return error.message;
        throw error;
      }
    },
    convert: (_sample, [{ test, wanted, acl }], stream) => test(stream, acl) === wanted,
  }),
];
