// Lines of configurations to begin with: those of the examples, the golden files and the keyword lists, and lines made
// of the registry's words. FUZZ_CORPUS names a folder of further configurations.

import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { ACL_DERIVATIVES } from '../../src/registry/known/acls.ts';
import { ALIASES } from '../../src/sample/aliases.ts';
import { REGISTRY } from '../../src/registry/index.ts';
import { SWITCHES } from '../../src/config/keywords/option.ts';
import { bindOptions } from '../../src/config/bind-options/index.ts';
import { globalKeywords, proxyKeywords } from '../../src/config/keywords/index.ts';
import { serverOptions } from '../../src/config/server-options/index.ts';
import { bent } from './fuzz.ts';
import type { ArgSpec } from '../../src/registry/define.ts';

const root = new URL('../', import.meta.url);
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function filesIn(folder: URL | string, end: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .toSorted()
    .map((name) =>
      readFileSync(typeof folder === 'string' ? `${folder}/${name}` : new URL(name, folder), 'latin1'),
    );
}

function writtenLines(): string[] {
  const texts = [
    ...filesIn(new URL('../examples/', root), '.cfg'),
    ...filesIn(new URL('golden/load/', root), '.txt').map((text) => text.split('----------\n')[0]!),
  ];
  const corpus = process.env['FUZZ_CORPUS'];
  if (corpus !== undefined) texts.push(...filesIn(corpus, '.cfg'));
  // "section line", where `u` has lines between bars.
  const keywords = readFileSync(new URL('differential/keywords.txt', root), 'latin1').split('\n');
  texts.push(
    ...keywords.filter((line) => line[1] === ' ').map((line) => line.slice(2).replaceAll('|', '\n')),
  );
  return [...new Set(texts.flatMap((text) => text.split('\n')))].filter((line) => line.trim() !== '');
}

/** Values as arguments, right ones and wrong ones. */
const VALUES = words(`
  0 1 2 -1 10 80 65535 65536 100% 1s 10ms 5m 30d 99999999999 2147483647 2147483648 4294967296 9223372036854775807
  -9223372036854775808 0x10 1e3 1.5 on off http tcp log GET / /x /etc/passwd a.example.com *.example.com 127.0.0.1
  10.0.0.0/8 10.0.0.0/33 ::1 2001:db8::/32 127.0.0.1:80 :80 *:8080-8090 :0 :70000 unix@/tmp/x abns@x fd@3 udp@:514 stdout
  stderr if unless { } !x a b s1 b/s1 f TRUE FALSE -m -i -f -M -n -u -- str beg end sub reg dir dom len int ip bool found
  %[src] %[var(txn.x)] %[hdr(host),lower] %ci %{+Q}r %{+json}o %% % %{ %[ "" '' "a \\ b" x.y.z txn.a proc.b ^(a+)+$
  [a-z (?<=x) \\1 \\K .* ( ) , ; && || \\ # "\${HOME}" "\${X[*]}" $( \\x41 \\xzz set-cookie Host content-type x-y 200 404 503
  599 600 1000000000000000000000 inspect-delay first last all none any random roundrobin`);

/** Pieces that an argument of a fetch or converter may be. */
const ARGUMENTS = words(`
  0 1 -1 2 16 64 -64 99999999999999999999 a txn.x req.y proc.z sess.w Host 'a,b' "c" \\\\, %H:%M xxd hex base64
  $.a.b $.x[0] '$.["k"]' exp g i 127.0.0.1 24 ::1 utf8 utf8s utf8ps be/s1 f b 10.0.0.0/8 tag msg mqtt CONNECT
  topic 1,2 3.4.5 uint32 sint64 string bytes crlf any ctl 0x5 length offset 1024 256 128 aes HS256 x-y`);

const anyOf = (list: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...list);
const several = (item: fc.Arbitrary<string>, maxLength: number, between = ' '): fc.Arbitrary<string> =>
  fc.array(item, { maxLength }).map((list) => list.join(between));

/** A call of a fetch or converter with some arguments, mostly as many as it takes. */
export function called([name, { args }]: readonly [
  string,
  { readonly args: readonly ArgSpec[] },
]): fc.Arbitrary<string> {
  const right = fc.array(anyOf(ARGUMENTS), {
    minLength: args.filter(({ optional }) => !optional).length,
    maxLength: args.length,
  });
  const some = fc.oneof({ weight: 3, arbitrary: right }, fc.array(anyOf(ARGUMENTS), { maxLength: 3 }));
  return some.map((list) => (list.length === 0 && args.length === 0 ? name : `${name}(${list.join(',')})`));
}

const fetches = fc.constantFrom(...REGISTRY.fetches).chain(called);
const converters = fc.constantFrom(...REGISTRY.converters).chain(called);

/** `fetch(args),converter(args),...`. */
export const expressions = fc
  .tuple(fetches, fc.array(converters, { maxLength: 4 }))
  .map(([fetch, list]) => [fetch, ...list].join(','));

const FLAGS = [
  '{+Q}',
  '{+X}',
  '{+E}',
  '{-Q,+E}',
  '{+json}',
  '{+cbor}',
  '{+cbor,+bin}',
  '(n)',
  '(n:sint)',
  '{',
  '(x',
  '{+Z}',
];
const formatItem = fc.oneof(
  fc.tuple(anyOf(['', '', '', ...FLAGS]), expressions).map(([flags, one]) => `%${flags}[${one}]`),
  fc
    .tuple(anyOf(['', '', '', ...FLAGS]), anyOf(ALIASES.map(({ name }) => name)))
    .map(([flags, one]) => `%${flags}${one}`),
  anyOf([
    '%%',
    '%',
    ' ',
    '"',
    '\\',
    '%{+json}o',
    '%{+cbor}o',
    '%{+Q}o ',
    'text',
    '[',
    ']',
    '%[',
    '%]',
    '%(a)',
    '\xff',
    '\t',
  ]),
);

/** Texts for log-format and its like. */
export const formats = several(formatItem, 6, '');

const quoted = (text: string): string => `"${text.replace(/["\\$]/g, '\\$&')}"`;
const value = fc.oneof(
  { weight: 8, arbitrary: anyOf(VALUES) },
  { weight: 1, arbitrary: expressions },
  { weight: 1, arbitrary: formats.map(quoted) },
);
const acls = words(ACL_DERIVATIVES);
const condition = fc.oneof(
  anyOf([
    '',
    'if TRUE',
    'unless FALSE',
    'if !HTTP or x',
    'if { src 127.0.0.1 } || TRUE',
    'if',
    'if {',
    'if x',
  ]),
  fc
    .tuple(fc.oneof(expressions, anyOf(acls)), several(value, 4))
    .map(([one, rest]) => `if { ${one} ${rest} }`),
);
/** The words of conditions, from `if` on. */
export const conditions = fc
  .tuple(
    anyOf(['if', 'unless']),
    fc.array(
      fc
        .tuple(
          fc.oneof(expressions, anyOf(acls)),
          several(value, 4),
          anyOf(['', '!']),
          anyOf(['', 'or', '||']),
        )
        .map(([one, rest, not, or]) => `${not}{ ${one} ${rest} } ${or}`),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([word, terms]) => words(`${word} ${terms.join(' ')}`.replace(/(?:or|\|\|)\s*$/, '')));

const actions = [...REGISTRY.actions].flatMap(([set, list]) =>
  [...list.keys()].map((name) => `${set} ${name}`),
);
const withWords = (heads: readonly string[], most: number): fc.Arbitrary<string> =>
  fc.tuple(anyOf(heads), several(value, most)).map(([head, rest]) => `${head} ${rest}`);

const madeLine = fc.oneof(
  withWords([...globalKeywords.keys(), ...proxyKeywords.keys()], 4),
  withWords(
    Object.keys(SWITCHES).map((name) => `option ${name}`),
    1,
  ),
  withWords(['no', 'default'], 3),
  fc
    .tuple(anyOf([...bindOptions.keys()]), several(value, 2))
    .map(([option, rest]) => `bind :8080 ${option} ${rest}`),
  fc
    .tuple(
      anyOf(['server s 127.0.0.1:80', 'default-server']),
      anyOf(serverOptions.list().map(({ name }) => name)),
      several(value, 2),
    )
    .map(([head, option, rest]) => `${head} ${option} ${rest}`),
  fc.tuple(anyOf(actions), several(value, 3), condition).map(([head, rest, end]) => `${head} ${rest} ${end}`),
  fc
    .tuple(fc.oneof(expressions, anyOf(acls)), several(value, 5))
    .map(([one, rest]) => `acl x ${one} ${rest}`),
  formats.map((text) => `log-format ${quoted(text)}`),
  fc.tuple(expressions, condition).map(([one, end]) => `http-request set-var(txn.x) ${one} ${end}`),
  withWords(
    [
      'user u password',
      'group g users',
      'on error',
      'on any format',
      'errorfile',
      'size',
      'backing-file',
      'dgram-bind',
      'log-tag',
    ],
    3,
  ),
);
const headLine = fc.oneof(
  anyOf(words('global defaults')),
  withWords(
    words(
      'frontend backend listen userlist http-errors ring log-forward log-profile defaults cache peers program',
    ),
    1,
  ),
  withWords(words('.if .elif .else .endif .notice .warning .alert .diag'), 2),
  anyOf([
    'defaults d from',
    'frontend f from d',
    'listen l',
    'backend b',
    '.if defined(X)',
    '.if version_atleast(2.4)',
    '.endif',
  ]),
);
const written = anyOf(writtenLines());

const keywordLine = fc.oneof({ weight: 4, arbitrary: written }, { weight: 6, arbitrary: madeLine });
const changed = (lines: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  lines.chain((text) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(text) }, { weight: 1, arbitrary: bent(text) }),
  );

const HEADS = [
  ...[
    '',
    'defaults\n',
    'global\n',
    'defaults\nmode http\nfrontend f\n',
    'defaults d\nmode http\nlisten l\nbind :80\n',
  ],
  ...[
    'backend b\nserver s1 127.0.0.1:80\n',
    'frontend f\nmode tcp\n',
    'log-forward f\n',
    'ring r\n',
    'userlist u\n',
  ],
  ...[
    'backend b\nmode log\n',
    'http-errors e\n',
    'log-profile p\n',
    'listen l\nmode http\n',
    'listen l\nmode http\n',
  ],
];
const written14 = fc.array(
  changed(fc.oneof({ weight: 10, arbitrary: keywordLine }, { weight: 2, arbitrary: headLine })),
  { maxLength: 14 },
);

/** Configurations: a section with a few lines, or many lines of any kind. */
export const configurations = fc
  .oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(anyOf(HEADS), fc.array(changed(keywordLine), { minLength: 1, maxLength: 3 })),
    },
    { weight: 1, arbitrary: fc.tuple(anyOf(HEADS), written14) },
  )
  .map(([head, lines]) => `${head}${lines.join('\n')}\n`);
