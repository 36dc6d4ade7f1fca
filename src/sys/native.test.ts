import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bindFunctions, callsAreDirect } from './native.ts';

test('calls go straight into C, with errors where the function says so', () => {
  strictEqual(callsAreDirect, true, 'bin/node passes --expose-internals');
  const { getpid, abs } = bindFunctions({
    getpid: { return: 'int32', arguments: [] },
    abs: { return: 'int32', arguments: ['int32'] },
  });
  strictEqual(getpid(), process.pid);
  strictEqual(abs(-7), 7);
});

test('the program runs where the inner functions cannot be had', () => {
  const program = new URL('../../dist/main.js', import.meta.url).pathname;
  const example = new URL('../../examples/quickstart.cfg', import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, [program, '-c', '-V', '-f', example], {
    encoding: 'utf8',
  });
  strictEqual(status, 0, stderr);
  const inner = `import('${new URL('./native.ts', import.meta.url).href}').then((m) => console.log(m.callsAreDirect))`;
  const plain = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', inner], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  match(plain.stdout, /^false/, plain.stderr);
});
