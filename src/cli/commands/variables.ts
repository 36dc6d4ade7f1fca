import { defineCommand, message, refuse, type Command } from '../command.ts';

const NAMELESS = 'Missing process-wide variable identifier.';

/** HAProxy leaves the line end of these answers to what follows them. */
const unended = ([line = '']: readonly string[]): string[] => [line.trimEnd()];

/** `get var` and `set var`. */
export const variableCommands: readonly Command[] = [
  defineCommand({
    words: ['get', 'var'],
    usage: 'get var <name>',
    doc: 'retrieve contents of a process-wide variable',
    level: 'operator',
    run(call) {
      const [name] = call.args;
      if (name === undefined) return refuse(call, NAMELESS);
      const variable = call.view.getVariable(name);
      if (variable === null) return refuse(call, 'Variable not found.');
      return unended(message(call, 'info', `${name}: type=${variable.type} value=<${variable.text}>`));
    },
  }),
  defineCommand({
    words: ['set', 'var'],
    usage: 'set var <name> [fmt|expr] {<fmt>|<expr>}',
    doc: 'set variable from an expression/format',
    level: 'operator',
    experimental: true,
    run(call) {
      const [name, second, third] = call.args;
      if (name === undefined) return refuse(call, NAMELESS);
      if (second === undefined) return refuse(call, "Missing either 'expr', 'fmt' or expression.");
      if (third !== undefined && second !== 'expr' && second !== 'fmt') {
        return unended(
          refuse(call, `'set var': arg type must be either 'expr' or 'fmt' but got '${second}'.`),
        );
      }
      const refusal = call.view.setVariable(name, third ?? second, third !== undefined && second === 'fmt');
      return refusal === null ? [] : unended(refuse(call, refusal));
    },
  }),
];
