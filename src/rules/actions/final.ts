// Actions that end a rule set (manual 4.4): accept, allow, close, deny, reject, return, silent-drop, tarpit.

import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import { RULESET_PHASES } from '../parse.ts';
import { parseReply } from '../reply-words.ts';
import { type RuleAction, RuleSet, Verdict } from '../rule.ts';

const TCP = [
  RuleSet.TCP_REQUEST_CONNECTION,
  RuleSet.TCP_REQUEST_SESSION,
  RuleSet.TCP_REQUEST_CONTENT,
  RuleSet.TCP_RESPONSE_CONTENT,
];

/** An action without arguments that always ends in one verdict. */
const fixed = (name: string, rulesets: readonly RuleSet[], verdict: Verdict, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets,
    usage: name,
    doc,
    parse: (_words, at) => ({ action: { name, needsHttp: false, run: () => verdict }, next: at + 1 }),
  });

/** `deny` and `tarpit`: the proxy's error reply, or one described by the words. */
const refusal = (name: string, rulesets: readonly RuleSet[], plain: Verdict, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets,
    usage: `${name} [deny_status <code>] [content-type <type>] [string <str>] [hdr <name> <fmt>]*`,
    doc,
    parse(words, at, ruleset, context) {
      const initial = name === 'tarpit' ? 500 : ruleset === RuleSet.HTTP_RESPONSE ? 502 : 403;
      const form = { status: initial, statusWords: ['status', 'deny_status'], bareIsDefault: true };
      const { status, next, make } = parseReply(words, at + 1, form, RULESET_PHASES[ruleset], context);
      return {
        next,
        action: {
          name,
          needsHttp: true,
          run(target) {
            target.denyStatus = status;
            target.reply = make(target);
            return plain;
          },
        },
      };
    },
  });

export default [
  fixed('accept', TCP, Verdict.STOP, 'Ends the rule set and lets the connection pass.'),
  fixed(
    'allow',
    [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE, RuleSet.HTTP_AFTER_RESPONSE],
    Verdict.STOP,
    'Ends the rule set.',
  ),
  fixed(
    'close',
    [RuleSet.TCP_RESPONSE_CONTENT],
    Verdict.CLOSE,
    'Ends the connection to the server; what it sent so far still goes to the client.',
  ),
  refusal(
    'deny',
    [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE],
    Verdict.DENY,
    'Refuses with an error reply: 403 by default, 502 for a response.',
  ),
  refusal(
    'tarpit',
    [RuleSet.HTTP_REQUEST],
    Verdict.TARPIT,
    'Holds the request for timeout tarpit, then answers 500 or as said.',
  ),
  fixed('reject', [...TCP, RuleSet.HTTP_REQUEST], Verdict.REJECT, 'Closes the connection without an answer.'),
  defineAction({
    name: 'return',
    rulesets: [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE],
    usage: 'return [status <code>] [content-type <type>] [string <str> | lf-string <fmt> | file <file> ...]',
    doc: 'Answers the client, 200 by default.',
    parse(words, at, ruleset, context) {
      const form = { status: 200, statusWords: ['status'], bareIsDefault: false };
      const { status, next, make } = parseReply(words, at + 1, form, RULESET_PHASES[ruleset], context);
      return {
        next,
        action: {
          name: 'return',
          needsHttp: true,
          run(target) {
            target.denyStatus = status;
            target.reply = make(target);
            return Verdict.REPLY;
          },
        },
      };
    },
  }),
  defineAction({
    name: 'silent-drop',
    rulesets: [...TCP, RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE],
    usage: 'silent-drop [rst-ttl <ttl>]',
    doc: 'Drops the connection without telling the client.',
    parse(words, at) {
      const named = words[at + 1] === 'rst-ttl';
      const text = named ? (words[at + 2] ?? '') : '0';
      const ttl = Number(text);
      if (!/^\d+$/.test(text) || ttl > 255 || (named && ttl === 0)) {
        throw new ConfigError(`'rst-ttl' expects a number of hops from 1 to 255, found '${text}'`);
      }
      const action: RuleAction = {
        name: 'silent-drop',
        needsHttp: false,
        run(target) {
          target.dropTtl = ttl;
          return Verdict.DROP;
        },
      };
      return { action, next: at + (named ? 3 : 1) };
    },
  }),
];
