import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { crc32c } from './crc32c.ts';
import { endpointOf, ipv4Endpoint, matchesNetwork } from './network.ts';
import { endpoint } from '../testing/fake-stream.ts';
import type { Address } from '../config/address.ts';

const network = (host: string): Address =>
  ({ family: host.includes(':') ? 'ipv6' : 'ipv4', host }) as unknown as Address;

test('endpoints of socket addresses', () => {
  equal(endpointOf({ family: 'ipv4', address: '192.0.2.1', port: 80 }).ipv4, 0xc0000201);
  const six = endpointOf({ family: 'ipv6', address: 'fe80::1%2', port: 80 });
  equal(six.text, 'fe80::1');
  equal(six.ipv6, '\xfe\x80' + '\0'.repeat(13) + '\x01');
  equal(endpointOf({ family: 'abns', address: 'x', port: 0 }).family, 'unix');
  equal(ipv4Endpoint(0xffffffff, 1).text, '255.255.255.255');
});

test('networks', () => {
  const cases: [string, string, number, boolean][] = [
    ['192.0.2.1', '192.0.2.0', 24, true],
    ['192.0.3.1', '192.0.2.0', 24, false],
    ['192.0.3.1', '192.0.2.0', 23, true],
    ['192.0.2.1', '192.0.2.1', 32, true],
    ['192.0.2.2', '192.0.2.1', 32, false],
    ['255.1.2.3', '0.0.0.0', 0, true],
    ['200.0.0.1', '128.0.0.0', 1, true],
    ['100.0.0.1', '128.0.0.0', 1, false],
    ['2001:db8::1', '2001:db8::', 32, true],
    ['2001:db9::1', '2001:db8::', 32, false],
    ['2001:db9::1', '2001:db8::', 31, true],
    ['::1', '::1', 128, true],
    ['::2', '::1', 128, false],
    ['::ffff:10.1.2.3', '10.0.0.0', 8, true],
    ['::10.1.2.3', '10.0.0.0', 8, false],
    ['10.1.2.3', '::', 0, false],
  ];
  for (const [host, net, mask, expected] of cases) {
    equal(matchesNetwork(endpoint(host, 0), network(net), mask), expected, `${host} in ${net}/${mask}`);
  }
  const unix = endpointOf({ family: 'unix', address: '/x', port: 0 });
  equal(matchesNetwork(unix, network('0.0.0.0'), 0), false);
});

test('CRC-32C of the check string', () => equal(crc32c(Buffer.from('123456789'), 0, 9), 0xe3069283));
