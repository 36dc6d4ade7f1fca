import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { ProxyInt, ServerInt } from '../core/shared.ts';
import type { StreamContext } from '../sample/context.ts';
import { Pick } from '../backend/backend.ts';
import { backendConfig, balanceSettings, makeBackend, makeGround } from '../backend/testing.ts';
import { createBalancer } from './create.ts';
import { WEIGHT_SCALE } from '../backend/server.ts';

const stream = {} as StreamContext;

/** Weights of servers a, b, c... and the order in which HAProxy 2.6 was seen to choose them. */
const dynamic: [number[], string][] = [
  [[1, 1, 1], 'abcabcabcabc'],
  [[3, 2, 1], 'abacababacababaca'],
  [[1, 2, 3], 'cbcacbcbcacbcbcac'],
  [[3, 5], 'bbababbabbababbabbaba'],
  [[2, 3, 3], 'bcbcabcbacbcabcbacbca'],
  [[3, 1, 1], 'aabacaabacaabac'],
  [[1, 1, 3], 'ccacbccacbccacb'],
  [
    [7, 6, 7, 8, 10, 10, 6],
    'efdacefbdgaecfdebfgacedfbaegcfdefabcdgefadcebfgedafcbegfdacefbdgaecfdebfgacedfbaegcfdefabcdgefadcebfgedafcbegfdac',
  ],
  [
    [11, 5, 3, 12, 2, 6],
    'dafdabdcafdabdeafdadcbfadadfbdadacefdabdafdabdcafdabdeafdadcbfadadfbdadacefdabdafda',
  ],
  [[9, 4, 2, 11, 8], 'daedabdeadecdabedadeadbeadaedcbdaedaedabdeadecdabedadeadbeadaedcbdaedaeda'],
  [[8, 6, 3, 6, 3, 1, 9], 'gabdgacegbdagfbadgcaegbdagbdgacegbadgabdgacegbdagfbadgcaegbdagbdgacegbadgabdg'],
  [
    [2, 7, 9, 11, 5, 5],
    'dcbdecfdbcdeabfcddcbedfcbdcedfbcaddebcfdcbdecfdbcdeabfcddcbedfcbdcedfbcaddebcfdcbde',
  ],
  [
    [10, 7, 6, 10, 12],
    'eadebadecabdeaedcbeadecbadeadbecadebaedceadbecadebadecabdeaedcbeadecbadeadbecadebaedceadbecadeb',
  ],
];
const fixed: [number[], string][] = [
  [[1, 1, 1], 'abcabcabcabc'],
  [[3, 2, 1], 'aababcaababcaabab'],
  [[1, 2, 3], 'acbcbcacbcbcacbcb'],
  [[2, 3, 3], 'abcabcbcabcabcbcabcab'],
  [[3, 1, 1], 'aabacaabacaabac'],
  [
    [7, 6, 7, 8, 10, 10, 6],
    'abcdefdagbefcdeafgbcdefacefgbdacefdgbefacdefgbacefdefgabcdefdagbefcdeafgbcdefacefgbdacefdgbefacdefgbacefdefgabcde',
  ],
  [
    [11, 5, 3, 12, 2, 6],
    'abcdadfabdadfcabdadefadbadfcaddafbdadefabcdadfabdadfcabdadefadbadfcaddafbdadefabcda',
  ],
  [[9, 4, 2, 11, 8], 'abcdeadaedbadedaebdacdeadeadbedadeabcdeadaedbadedaebdacdeadeadbedadeabcde'],
  [[8, 6, 3, 6, 3, 1, 9], 'abcgadbgadegbacgdabgdeagbcagdbdgaefgabcgadbgadegbacgdabgdeagbcagdbdgaefgabcga'],
];

function farm(algorithm: string, weights: readonly number[], maxconn: readonly number[] = []) {
  const servers = weights.map((weight, i) => ({ name: 'abcdefghij'[i]!, weight, maxconn: maxconn[i] ?? 0 }));
  const config = backendConfig(servers, { balance: balanceSettings(algorithm) });
  const ground = makeGround(config, 1, 8);
  return makeBackend(
    ground,
    0,
    () => {},
    (one) => createBalancer(one),
  ).backend;
}

/** Picks that end at once, or that stay. */
function order(algorithm: string, weights: readonly number[], count: number, maxconn?: number[]): string {
  const backend = farm(algorithm, weights, maxconn);
  let seen = '';
  for (let i = 0; i < count; i++) {
    if (backend.pick(stream, null) !== Pick.RESERVED) return seen;
    seen += backend.picked!.name;
    if (maxconn === undefined) backend.picked!.release();
  }
  return seen;
}

test('roundrobin: the order of HAProxy for any weights', () => {
  for (const [weights, expected] of dynamic) {
    strictEqual(order('roundrobin', weights, expected.length), expected, weights.join());
  }
});

test('static-rr: the order of HAProxy for any weights', () => {
  for (const [weights, expected] of fixed) {
    strictEqual(order('static-rr', weights, expected.length), expected, weights.join());
  }
});

test('roundrobin, leastconn, first: full servers are passed over', () => {
  strictEqual(order('roundrobin', [3, 2, 1], 20, [4, 3, 2]), 'abacababc');
  strictEqual(order('roundrobin', [5, 3], 20, [4, 3]), 'aababab');
  strictEqual(order('leastconn', [3, 2, 1], 20, [4, 3, 2]), 'abcabaabc');
  strictEqual(order('leastconn', [256, 1], 20, [4, 3]), 'abaaabb');
  strictEqual(order('first', [1, 1, 1], 20, [2, 3, 4]), 'aabbbcccc');
});

test('leastconn: the order of HAProxy under growing load, and idle servers in turn', () => {
  const seen: [number[], string][] = [
    [[1, 1], 'abababababababab'],
    [[3, 1], 'abaaaabaaabaaaba'],
    [[1, 3], 'abbbbbabbbabbbab'],
    [[3, 2, 1], 'abcabaabacbaabac'],
    [[2, 1, 1], 'abcaabcaabcaabca'],
    [[5, 3], 'abaababaabaababa'],
  ];
  for (const [weights, expected] of seen) {
    strictEqual(order('leastconn', weights, 16, [0, 0, 0]), expected, weights.join());
    const idle = weights.length === 2 ? 'ababab' : 'abcabc';
    strictEqual(order('leastconn', weights, 6), idle, weights.join());
  }
});

test('a server just tried in vain is avoided while there is another', () => {
  for (const algorithm of ['roundrobin', 'static-rr', 'leastconn', 'first', 'random']) {
    const backend = farm(algorithm, [1, 1]);
    const [a, b] = backend.servers;
    for (let i = 0; i < 6; i++) {
      strictEqual(backend.pick(stream, a!), Pick.RESERVED);
      strictEqual(backend.picked, b, algorithm);
    }
    a!.ints[ServerInt.WEIGHT_USER] = 0;
    backend.block.ints[ProxyInt.VERSION]!++;
    strictEqual(backend.pick(stream, b!), Pick.RESERVED);
    strictEqual(backend.picked, b, algorithm);
  }
});

test('roundrobin follows weights that move, and a server that comes back gets no burst', () => {
  const backend = farm('roundrobin', [1, 1]);
  const run = (count: number): string => {
    let seen = '';
    for (let i = 0; i < count; i++) {
      backend.pick(stream, null);
      seen += backend.picked!.name;
    }
    return seen;
  };
  strictEqual(run(4), 'abab');
  const b = backend.servers[1]!;
  b.ints[ServerInt.OPERATIONAL] = 0;
  backend.block.ints[ProxyInt.VERSION]!++;
  strictEqual(run(20), 'a'.repeat(20));
  b.ints[ServerInt.OPERATIONAL] = 2;
  b.ints[ServerInt.WEIGHT_EFFECTIVE] = 3 * WEIGHT_SCALE;
  backend.block.ints[ProxyInt.VERSION]!++;
  const seen = run(40);
  strictEqual([...seen].filter((name) => name === 'b').length, 30, seen);
});

test('random respects weights and the load', () => {
  const backend = farm('random', [3, 1]);
  const count = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    backend.pick(stream, null);
    count.set(backend.picked!.name, (count.get(backend.picked!.name) ?? 0) + 1);
  }
  const share = count.get('a')! / 4000;
  strictEqual(share > 0.7 && share < 0.8, true, String(share));
});
