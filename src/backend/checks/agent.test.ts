import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyConfig, ServerConfig } from '../../config/model.ts';
import { ServerInt } from '../../core/shared.ts';
import { Operational } from '../server.ts';
import { Admin } from '../../core/server-admin.ts';
import { AgentChecker } from './agent.ts';
import { parseAgentAnswer } from './agent-answer.ts';
import { startChecks } from './checker.ts';
import { checkName, type CheckResult } from './status.ts';
import { house } from './testing.ts';

/** A server with an agent that says "up", or what a test says instead. */
function withAgent(config: Partial<ServerConfig>, more: Partial<ProxyConfig> = {}) {
  const ground = house([{ agentCheck: true, agentPort: 9, agentInterMs: 100, ...config }], more);
  const server = ground.backend.servers[0]!;
  ground.fake.peer = 'up\n';
  const says = (line: string): string => {
    ground.fake.peer = line;
    ground.timers.pass(100);
    return checkName(server.ints[ServerInt.AGENT_STATUS]!);
  };
  return { ...ground, server, says };
}

test('words of an agent, in any order and case', () => {
  const read = (text: string) => {
    const { admin, weight, maxconn, health, word, description, unknown } = parseAgentAnswer(text)!;
    return [admin, weight, maxconn, health, word, description, unknown];
  };
  deepStrictEqual(read('75%\n'), [null, '75%', null, null, '', '', '']);
  deepStrictEqual(read('weight:7\r\nmore'), [null, '7', null, null, '', '', '']);
  deepStrictEqual(read('ready UP 100%,maxconn:9\t\n'), ['ready', '100%', '9', 'up', 'UP', '', '']);
  deepStrictEqual(read('stopped # on purpose\n'), [null, null, null, 'down', 'stopped', 'on purpose', '']);
  deepStrictEqual(read('down#disk full\n'), [null, null, null, 'down', 'down', 'disk full', '']);
  deepStrictEqual(read('fail later\n'), [null, null, null, 'down', 'fail', 'later', 'later']);
  deepStrictEqual(read('maint failed drain\n'), ['drain', null, null, null, '', '', 'failed']);
  deepStrictEqual(read('-5%\n'), [null, null, null, null, '', '', '-5%']);
  strictEqual(parseAgentAnswer('up'), null);
});

test('weight, limit and administrative state follow; what is not said stays', () => {
  const { environment, server, backend, says, fake, timers } = withAgent({
    weight: 50,
    agentSend: 'hello\n',
  });
  const { agents } = startChecks(
    environment,
    [backend],
    () => null,
    () => '192.0.2.9',
  );
  const checker = agents.get(server)!;
  timers.pass(0);
  deepStrictEqual([...fake.dialled, ...fake.sent], ['0 192.0.2.9:9', 'hello\n']);
  strictEqual(says('75%\n'), 'CHECKED');
  strictEqual(server.userWeight, 37);
  says('maxconn:30 weight:8\n');
  deepStrictEqual([server.userWeight, server.maxconn, checker.info], [8, 30, '']);
  says('weight:300\n');
  strictEqual(checker.info, 'agent warns : Absolute weight can only be between 0 and 256 inclusive.');
  says('maxconn:x\n');
  strictEqual(checker.info, 'agent warns : maxconn string empty or preceded by garbage');
  says('nonsense\n');
  strictEqual(checker.info, 'agent reports an error : nonsense');
  deepStrictEqual([server.userWeight, server.maxconn, server.admin], [8, 30, 0]);
  says('drain\n');
  strictEqual(server.admin, Admin.FORCED_DRAIN);
  says('maint\n');
  strictEqual(server.admin & Admin.FORCED_MAINT, Admin.FORCED_MAINT);
  says('ready\n');
  strictEqual(server.admin, 0);
  checker.stop();
});

test('an agent takes the server down and up again, in HAProxy words', () => {
  const { environment, server, backend, says, lines, fake, timers } = withAgent(
    { weight: 50 },
    { options: new Set(['log-health-checks']) },
  );
  const checker = startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  ).agents.get(server)!;
  timers.pass(0);
  strictEqual(says('fail # disk full\n'), 'L7STS');
  strictEqual(server.operational, Operational.STOPPED);
  deepStrictEqual(lines.splice(0), [
    '5 Agent check for server h/s1 succeeded, reason: Layer7 check passed, code: 0, info: "via agent : up", check duration: 0ms, status: 1/1 UP.',
    '5 Agent check for server h/s1 failed, reason: Layer7 wrong status, code: 0, info: "via agent : fail (disk full)", check duration: 0ms, status: 0/1 DOWN.',
    '1 Server h/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '0 backend h has no server available!',
  ]);
  // Whoever cannot be reached says nothing: only "up" brings it back.
  fake.peer = 'ECONNREFUSED';
  timers.pass(300);
  strictEqual(checkName(server.ints[ServerInt.AGENT_STATUS]!), 'L4CON');
  strictEqual(server.operational, Operational.STOPPED);
  says('50%\n');
  strictEqual(server.operational, Operational.STOPPED);
  says('up\n');
  strictEqual(server.operational, Operational.RUNNING);
  strictEqual(server.ints[ServerInt.CHECK_DOWNS], 1);
  // `set server agent`.
  checker.force('down');
  strictEqual(server.operational, Operational.STOPPED);
  strictEqual(lines.at(-2)!.split('.')[0], '1 Server h/s1 is DOWN, changed from CLI');
  checker.stop();
});

test('without option log-health-checks the state line gives the reason', () => {
  const { environment, server, backend, says, lines, timers } = withAgent({});
  const checker = startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  ).agents.get(server)!;
  timers.pass(0);
  says('down\n');
  strictEqual(
    lines[0],
    '1 Server h/s1 is DOWN, reason: Layer7 wrong status, code: 0, info: "via agent : down", check duration: 0ms. ' +
      '0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
  );
  checker.stop();
});

test('agent and health check must both agree on up', () => {
  const { environment, server, backend } = withAgent({ check: true, rise: 1, fall: 1 });
  const { health, agents } = startChecks(
    environment,
    [backend],
    () => null,
    () => null,
  );
  const [check, agent] = [health.get(server)!, agents.get(server)!];
  const result = (status: number): CheckResult => ({
    status: status as CheckResult['status'],
    code: 0,
    info: '',
    durationMs: 1,
  });
  const [passed, failed] = [result(3), result(5)];
  const up = parseAgentAnswer('up\n')!;
  const down = parseAgentAnswer('down\n')!;
  agent.report(result(10), down);
  check.report(passed);
  strictEqual(server.operational, Operational.STOPPED);
  check.report(failed);
  agent.report(result(6), up);
  strictEqual(server.operational, Operational.STOPPED);
  check.report(passed);
  strictEqual(server.operational, Operational.RUNNING);
  // A disabled agent has no say over the weight, and its last word does not keep the server down.
  agent.report(result(10), down);
  server.ints[ServerInt.AGENT_ENABLED] = 0;
  agent.report(result(11), parseAgentAnswer('0% drain\n')!);
  deepStrictEqual([server.userWeight, server.admin], [1, 0]);
  check.report(passed);
  strictEqual(server.operational, Operational.RUNNING);
  check.stop();
  agent.stop();
});

test('incomplete and empty answers change nothing', () => {
  const { environment, server, says, timers } = withAgent({});
  const checker = new AgentChecker(environment, server, null);
  checker.start(0, 1, 0);
  timers.pass(0);
  strictEqual(says('down'), 'CHECKED');
  strictEqual(checker.info, 'Ignoring incomplete line from agent');
  strictEqual(says(''), 'L7RSP');
  strictEqual(server.operational, Operational.RUNNING);
  checker.stop();
});
