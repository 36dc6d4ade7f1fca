import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Splice, pipesOf, spliceChoice, splicesOf } from './splicing.ts';
import { globalOf } from './load.ts';
import { isEnabled } from './switches.ts';
import { loadText } from '../testing/load.ts';
import type { Config } from './model.ts';

const TIMEOUTS = 'timeout client 1s\n timeout server 1s\n timeout connect 1s\n';

function load(global: string, options: string, mode = 'http'): Config {
  const text = `global\n maxconn 100\n ${global}\ndefaults\n mode ${mode}\n ${TIMEOUTS}listen l\n bind :1\n ${options}\n`;
  const { config, messages } = loadText(text);
  if (config === null) throw new Error(messages.join('\n'));
  return config;
}

const bits = (config: Config): number => splicesOf(config.proxies[0]!, config.global);

test('options add up to bits, and each direction asks for its own', () => {
  equal(bits(load('', '')), 0);
  equal(bits(load('', 'option splice-request')), Splice.REQUEST);
  equal(bits(load('', 'option splice-response\n option splice-auto')), Splice.RESPONSE | Splice.EITHER);
  equal(bits(load('', 'option splice-auto\n no option splice-auto')), 0);
  const both = Splice.RESPONSE | Splice.EITHER;
  equal(spliceChoice(both, Splice.RESPONSE), Splice.ALWAYS);
  equal(spliceChoice(both, Splice.REQUEST), Splice.AUTO);
  equal(spliceChoice(Splice.RESPONSE, Splice.REQUEST), Splice.NEVER);
});

test('the global section switches it off, for everything or for one mode', () => {
  const off = (global: string, mode: string): boolean => bits(load(global, 'option splice-auto', mode)) === 0;
  for (const word of ['nosplice', 'tune.disable-fast-forward', 'tune.disable-zero-copy-forwarding']) {
    deepEqual([off(word, 'http'), off(word, 'tcp')], [true, true], word);
  }
  for (const word of ['tune.h1.zero-copy-fwd-recv', 'tune.h1.zero-copy-fwd-send']) {
    deepEqual([off(`${word} off`, 'http'), off(`${word} off`, 'tcp')], [true, false], word);
    equal(off(`${word} on`, 'http'), false);
  }
  deepEqual(
    [off('tune.pt.zero-copy-forwarding off', 'http'), off('tune.pt.zero-copy-forwarding off', 'tcp')],
    [false, true],
  );
});

// As HAProxy 2.6 was seen to show them in `show info`.
test('maxpipes is a quarter of maxconn where a proxy asks for splicing', () => {
  equal(pipesOf(load('', '')), 0);
  equal(pipesOf(load('', 'option splice-auto')), 25);
  equal(pipesOf(load('nosplice', 'option splice-auto')), 25);
  equal(pipesOf(load('maxpipes 7', '')), 7);
  equal(load('tune.pipesize 64k', '').global.pipesize, 65536);
});

test('enabled() follows the command line', () => {
  const on = (words: readonly string[], name: string): boolean => isEnabled(globalOf(words), name);
  equal(on([], 'SPLICE'), true);
  equal(on([], 'FAST-FORWARD'), true);
  equal(on(['-dS'], 'SPLICE'), false);
  equal(on(['-dS'], 'FAST-FORWARD'), true);
  equal(on(['-dF'], 'FAST-FORWARD'), false);
  equal(on(['-de'], 'EPOLL'), false);
  equal(on(['-dR'], 'REUSEPORT'), false);
  equal(on([], 'KQUEUE'), false);
});

test('enabled() follows the lines before it', () => {
  const seen = (line: string, option: string): boolean => {
    const text = `global\n  .if enabled(${option})\n  .notice before\n  .endif\n  ${line}\n  .if enabled(${option})\n  .notice after\n  .endif\n`;
    const texts = loadText(text).messages.join();
    equal(texts.includes('before'), true);
    return texts.includes('after');
  };
  equal(seen('maxconn 10', 'SPLICE'), true);
  equal(seen('nosplice', 'SPLICE'), false);
  equal(seen('noreuseport', 'REUSEPORT'), false);
  equal(seen('noepoll', 'EPOLL'), false);
  equal(seen('tune.disable-fast-forward', 'FAST-FORWARD'), false);
});
