import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { facts, readText } from '../testing/config.ts';
import { checkCondition, evaluateCondition } from './conditions.ts';
import { Diagnostics, Printer, formatMessage, verdict } from './diagnostics.ts';
import { Environment } from './environment.ts';
import { FileStore } from './files.ts';
import { loadSources, readConfiguration } from './reader.ts';
import type { SectionFactory } from './reader.ts';

test('sections get their own lines, and end at the next section or at the end of the file', () => {
  const { events, accepted } = readText('global\n a 1\ndefaults # x\n\n b "2 3"\nfrontend f\r\n c\r\n');
  assert.ok(accepted);
  assert.deepEqual(events, [
    '1 [global]',
    '2 a|1',
    'end',
    '3 [defaults]',
    '5 b|2 3',
    'end',
    '6 [frontend|f]',
    '7 c',
    'end',
  ]);
});

test('skipped blocks are not dispatched, taken branches are', () => {
  const { events } = readText('global\n.if 0\n a\n.elif streq("$X",y)\n b\n.else\n c\n.endif\n d\n', 'f', [
    ['X', 'y'],
  ]);
  assert.deepEqual(events, ['1 [global]', '5 b', '9 d', 'end']);
});

test('an empty word refuses its line and reading goes on', () => {
  const { events, diagnostics, accepted } = readText('global\n a "$NOPE" b\n c\n');
  assert.ok(!accepted);
  assert.deepEqual(events, ['1 [global]', '3 c', 'end']);
  assert.match(diagnostics.messages[0]!.text, /^argument number 1 at position 6 is empty/);
});

test('conditions take empty words as false', () => {
  assert.deepEqual(readText('.if "$NOPE"\n.alert x\n.endif\n').diagnostics.messages, []);
});

test('section names reach .SECTION, and a lost keyword is refused', () => {
  const { events, diagnostics } = readText(
    'frontnd x\nfrontend web\n log "${.SECTION}:${.LINE}"\nglobal\n x "${.SECTION}"\n',
  );
  assert.deepEqual(
    events.filter((event) => /log|x\|/.test(event)),
    ['3 log|web:3', '5 x|global'],
  );
  assert.equal(
    formatMessage(diagnostics.messages[0]!),
    `config : parsing [test.cfg:1]: unknown keyword 'frontnd' out of section.`,
  );
});

test('an aborting handler ends reading without the last alert', () => {
  const diagnostics = new Diagnostics();
  const factory: SectionFactory = (to) => ({
    start(_words, position) {
      to.alert(position, `'frontend' expects an <id> argument`);
      return 'abort';
    },
    keyword() {},
    end() {},
  });
  const accepted = readConfiguration({
    sources: [
      { name: 'a', text: 'frontend\nfrontend x\n' },
      { name: 'b', text: 'x\n' },
    ],
    environment: new Environment([]),
    diagnostics,
    sections: new Map([['frontend', factory]]),
    facts,
  });
  assert.ok(!accepted);
  assert.deepEqual(diagnostics.messages.map(formatMessage), [
    `config : parsing [a:1] : 'frontend' expects an <id> argument`,
    'config : Error(s) found in configuration file : a',
  ]);
});

test('predicates', () => {
  const environment = new Environment([['A', '']]);
  const all = { ...facts, defined: (name: string): boolean => environment.get(name) !== undefined };
  const truths: readonly [string, boolean][] = [
    ['', false],
    ['strstr(abc,b)', true],
    ['strneq(a,b)', true],
    ['defined(A) && !defined(B)', true],
    ['version_atleast(3.5-dev5)', true],
    ['version_atleast(3.5)', true],
    ['version_before(3.5.0)', false],
    ['version_before(3.6-dev1)', true],
    ['feature(THREAD) && !feature(FOO)', true],
    ['enabled(EPOLL)', true],
    ['enabled(SPLICE)', false],
    ['openssl_version_atleast(1.0)', false],
    ['openssl_version_before(9)', false],
    ['ssllib_name_startswith(OpenSSL)', false],
    ['awslc_api_atleast(1) || awslc_api_before(99) || fips_mode()', false],
  ];
  for (const [text, truth] of truths) assert.equal(evaluateCondition(text, all), truth, text);
  const tls = { ...all, tlsLibrary: { name: 'OpenSSL 3.5.1', version: '3.5.1' } };
  assert.equal(
    evaluateCondition('ssllib_name_startswith(OpenSSL) && openssl_version_atleast(1.1.1k)', tls),
    true,
  );
  assert.equal(checkCondition('1', all).status, 0);
  assert.equal(checkCondition('0', all).status, 1);
  assert.deepEqual(checkCondition('enabled(FOO)', all), {
    status: 2,
    text: `Failed to evaluate condition: unparsable conditional expression 'enabled(FOO)'`,
  });
});

test('property: any text is a truth or an error at a place inside it', () => {
  const pieces = ['1', '0', '!', '(', ')', '&&', '||', ' ', 'streq(a,', 'defined(', 'b', '"', '\\', ','];
  const all = { ...facts, defined: (): boolean => false };
  let seed = 7;
  for (let round = 0; round < 20_000; round++) {
    let text = '';
    for (let i = 0; i < 9; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      text += pieces[(seed >> 8) % pieces.length]!;
    }
    const result = evaluateCondition(text, all);
    if (typeof result !== 'boolean') assert.ok(result.at >= 0 && result.at <= text.length, text);
  }
});

test('folders are read in order, and a recording repeats the answers without the disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  try {
    writeFileSync(join(folder, 'b.cfg'), 'b\xe9', 'latin1');
    writeFileSync(join(folder, 'a.cfg'), 'a');
    writeFileSync(join(folder, 'c.txt'), 'c');
    writeFileSync(join(folder, '.d.cfg'), 'd');
    mkdirSync(join(folder, 'e.cfg'));
    const disk = FileStore.onDisk();
    const sources = loadSources([folder], disk, new Diagnostics());
    assert.deepEqual(
      sources?.map(({ name, text }) => [name.slice(folder.length), text]),
      [
        ['/a.cfg', 'a'],
        ['/b.cfg', 'b\xe9'],
      ],
    );
    const diagnostics = new Diagnostics();
    assert.equal(loadSources([`${folder}/none`], disk, diagnostics), undefined);
    assert.equal(
      formatMessage(diagnostics.messages[0]!),
      `config : Cannot open configuration file/directory ${folder}/none : No such file or directory`,
    );
    const replay = FileStore.fromRecording(structuredClone(disk.record()));
    rmSync(folder, { recursive: true });
    assert.deepEqual(loadSources([folder], replay, new Diagnostics()), sources);
    assert.deepEqual(replay.read(`${folder}/none`), { error: 'No such file or directory' });
    assert.ok('error' in replay.read('other'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the printer frames messages and introduces the first alert', () => {
  const diagnostics = new Diagnostics();
  diagnostics.notice(null, 'n');
  diagnostics.diag(null, 'd');
  diagnostics.alert({ file: 'f', line: 3 }, 'a');
  diagnostics.alert({ file: 'f', line: 4 }, 'a', 'late');
  diagnostics.alert({ file: 'f', line: 4 }, 'a', 'element');
  diagnostics.warning(null, 'w', 'late');
  let out = '';
  const options = { pid: 7, programName: 'haproxy', programVersion: '3.5.0', programPath: '/x' };
  const write = (text: string): void => void (out += text);
  new Printer({ ...options, write }).print(diagnostics);
  assert.equal(
    out,
    '[NOTICE]   (7) : config : n\n' +
      '[NOTICE]   (7) : haproxy version is 3.5.0\n' +
      '[NOTICE]   (7) : path to executable is /x\n' +
      '[ALERT]    (7) : config : parsing [f:3] : a\n' +
      '[ALERT]    (7) : [f:4] : a\n' +
      '[ALERT]    (7) : config : [f:4] : a\n' +
      '[WARNING]  (7) : w\n',
  );
  out = '';
  new Printer({ ...options, write, quiet: true }).print(diagnostics);
  assert.equal(out, '');
});

test('zero-warning mode turns warnings into a refusal', () => {
  const diagnostics = new Diagnostics();
  diagnostics.warning(null, 'w');
  assert.ok(verdict(diagnostics, false));
  assert.ok(!verdict(diagnostics, true));
  assert.match(diagnostics.messages[1]!.text, /^Some warnings were found/);
});

test('20,000 lines take well under a second', () => {
  const text = `global\n${' server srv "10.0.0.1:80" check inter 5s weight 10 # x\n'.repeat(20_000)}`;
  const from = performance.now();
  assert.ok(readText(text).accepted);
  assert.ok(performance.now() - from < 1000);
});
