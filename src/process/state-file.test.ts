import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { parseStateFile, stateOf } from './state-file.ts';

const LINE = '1 be 1 s1 127.0.0.1 2 8 5 10 100 15 3 4 6 0 0 0 - 8080 - 0 81 127.0.0.7 - 0';
const changed = (at: number, text: string): string[] => LINE.split(' ').with(at, text);

test('parseStateFile() wants version 1 on the first line', () => {
  strictEqual(parseStateFile(''), null);
  strictEqual(parseStateFile(`2\n${LINE}\n`), null);
  strictEqual(parseStateFile('1')!.lines.size, 0);
});

test('parseStateFile() gives lines by the names of backend and server', () => {
  const { lines, corrupted } = parseStateFile(`1\n# be_id ...\n${LINE}\n\n`)!;
  strictEqual(corrupted, 0);
  deepStrictEqual([...lines.keys()], ['be s1']);
});

test('parseStateFile() stops at a short line, counted after the version', () => {
  const short = LINE.split(' ').slice(0, 19).join(' ');
  const enough = LINE.split(' ').slice(0, 20).join(' ');
  strictEqual(parseStateFile(`1\n# x\n${short}\n${LINE}\n`)!.corrupted, 2);
  strictEqual(parseStateFile(`1\n# x\n${short}\n${LINE}\n`)!.lines.size, 0);
  strictEqual(parseStateFile(`1\n${enough}\n`)!.corrupted, 0);
});

test('stateOf() gives the fields as numbers', () => {
  deepStrictEqual(stateOf(LINE.split(' ')), {
    address: '127.0.0.1',
    operational: 2,
    admin: 8,
    weight: 5,
    initialWeight: 10,
    age: 100,
    checkStatus: 6,
    port: 8080,
    checkAddress: '127.0.0.7',
    checkPort: 81,
    agentAddress: null,
    agentPort: 0,
  });
});

test('stateOf() names each field that is out of range', () => {
  strictEqual(stateOf(changed(5, '9')), "invalid srv_op_state value '9'");
  strictEqual(stateOf(changed(6, '9')), "invalid srv_admin_state value '9'");
  strictEqual(stateOf(changed(6, '128')), "invalid srv_admin_state value '128'");
  strictEqual(stateOf(changed(7, '257')), "invalid srv_uweight value '257'");
  strictEqual(stateOf(changed(18, '99999')), "invalid srv_port value '99999'");
  const two = changed(9, 'x').with(10, '28');
  strictEqual(stateOf(two), "invalid srv_last_time_change value 'x', invalid srv_check_status value '28'");
});
