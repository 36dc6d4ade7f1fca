import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { UpstreamSockets } from '../../stream/upstream.ts';
import { REGISTRY } from '../../registry/index.ts';
import { systemSockets } from '../../reactor/sockets.ts';
import { IP_TOS, SOL_IP, closeSocket, getOption } from '../../sys/socket.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { loadText } from '../../testing/load.ts';
import { parseRule } from '../parse.ts';
import { RuleSet, Verdict } from '../rule.ts';
import type { SlabMemory } from '../../core/slab.ts';
import type { Server } from '../../backend/server.ts';
import type { Stream } from '../../stream/stream.ts';

function calls(ruleset: RuleSet, words: string): string[] {
  const stream = new FakeStream();
  const rule = parseRule(words.split(' '), ruleset, fakeParse(), REGISTRY);
  strictEqual(rule.action.run(stream), Verdict.CONTINUE);
  return stream.calls;
}

test('marks and TOS bytes: numbers and expressions', () => {
  const wanted: readonly (readonly [RuleSet, string, readonly string[]])[] = [
    [RuleSet.TCP_REQUEST_CONNECTION, 'set-fc-mark 0x1F', ['client mark 31']],
    [RuleSet.TCP_REQUEST_SESSION, 'set-mark 7', ['client mark 7']],
    [RuleSet.TCP_RESPONSE_CONTENT, 'set-fc-tos 46', ['client tos 46']],
    [RuleSet.HTTP_RESPONSE, 'set-tos 0x02', ['client tos 2']],
    [RuleSet.HTTP_REQUEST, 'set-bc-mark int(4294967295)', ['server mark 4294967295']],
    [RuleSet.TCP_REQUEST_CONTENT, 'set-bc-tos int(258)', ['server tos 2']],
    [RuleSet.HTTP_REQUEST, 'set-bc-tos var(txn.none)', []],
  ];
  for (const [ruleset, words, done] of wanted) deepStrictEqual(calls(ruleset, words), done, words);
  throws(() => calls(RuleSet.HTTP_REQUEST, 'set-tos 256'), /'256' is out of range: 0 to 255/);
  throws(() => calls(RuleSet.HTTP_REQUEST, 'set-mark 4294967296'), /out of range/);
  throws(() => calls(RuleSet.HTTP_REQUEST, 'set-tos -1'), /'-1' is neither an integer/);
  throws(() => calls(RuleSet.HTTP_REQUEST, 'set-tos 0x'), /'0x' is neither an integer/);
  throws(() => calls(RuleSet.HTTP_REQUEST, 'set-tos'), /expects 1 argument/);
  throws(() => calls(RuleSet.HTTP_RESPONSE, 'set-bc-tos 1'), /but got 'set-bc-tos'/);
});

test('connections to servers are made with what rules said, and told apart by it', () => {
  const { config } = loadText(
    'defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nlisten l\n bind :8000\n server s 127.0.0.1:80\n',
  );
  const memory = { permanent: () => 0 } as unknown as SlabMemory;
  const upstreams = new UpstreamSockets(systemSockets, memory, config!.global.kernelBuffers.server, 0, 1);
  const server = {
    config: config!.byName.get('l')!.servers[0]!,
    addressText: '127.0.0.1',
    port: 80,
  } as unknown as Server;
  const made = (serverPackets: Stream['serverPackets']): readonly [number, string] => {
    const fd = upstreams.open({ serverPackets } as Stream, server);
    const tos = getOption(fd, SOL_IP, IP_TOS);
    closeSocket(fd);
    return [tos, upstreams.origin];
  };
  deepStrictEqual(made(null), [0, '']);
  deepStrictEqual(made({ tos: 32 }), [32, ' mark  tos 32']);
  deepStrictEqual(made({ tos: 16 }), [16, ' mark  tos 16']);
});
