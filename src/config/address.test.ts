import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isAddressError, parseAddress, parseAddresses } from './address.ts';
import type { Address, AddressOptions } from './address.ts';
import { Environment } from './environment.ts';

const environment = new Environment([
  ['HOME', '/root'],
  ['IP', '10.1.2.3'],
]);
const bind: AddressOptions = {
  environment,
  defaultType: 'stream',
  stream: true,
  dgram: false,
  port: 'required',
  portRange: true,
  fd: true,
  maxPath: 97,
  resolve: (host) => (host === 'localhost' ? '127.0.0.1' : null),
};
const server: AddressOptions = {
  environment,
  defaultType: 'stream',
  stream: true,
  dgram: false,
  port: 'optional',
  portOffset: true,
  portZero: true,
};

const good = (text: string, options = bind): Address => {
  const result = parseAddress(text, options);
  assert.ok(!isAddressError(result), `${text}: ${JSON.stringify(result)}`);
  return result;
};
const brief = (text: string, options = bind): string => {
  const { kind, family, socket, host, ip, portKind, portLow, portHigh } = good(text, options);
  return `${kind} ${family} ${socket} ${host || '-'} ${ip ?? '-'} ${portKind} ${portLow} ${portHigh}`;
};
const bad = (text: string, options = bind): string => {
  const result = parseAddress(text, options);
  assert.ok(isAddressError(result), text);
  return result.error;
};

test('listening addresses', () => {
  for (const any of [
    '*:80',
    ':80',
    '0.0.0.0:80',
    '$NOPE:80',
    'ipv4@:80',
    'tcp@*:80',
    'stream+ipv4@:80',
    'ip@:80',
  ]) {
    assert.match(brief(any), /^inet ipv4 stream \S+ 0\.0\.0\.0 fixed 80 80$/, any);
  }
  for (const any of [':::80', '[::]:80', 'ipv6@:80', 'tcp6@:80']) {
    assert.match(brief(any), /^inet ipv6 stream \S+ :: fixed 80 80$/, any);
  }
  assert.equal(brief('::1:80'), 'inet ipv6 stream ::1 ::1 fixed 80 80');
  assert.equal(brief('[::1]:80-90'), 'inet ipv6 stream ::1 ::1 range 80 90');
  assert.equal(brief('localhost:1'), 'inet ipv4 stream localhost 127.0.0.1 fixed 1 1');
});

test('other families', () => {
  assert.equal(good('/tmp/a').kind, 'unix');
  assert.equal(good('${HOME}/s').host, '/root/s');
  assert.equal(good('unix@rel').host, 'rel');
  assert.equal(good('abns@name').kind, 'abns');
  assert.equal(good('abnsz@name').kind, 'abnsz');
  assert.equal(good('fd@3').fd, 3);
  assert.equal(good('sockpair@4').fd, 4);
  const quic = good('quic4@:443');
  assert.deepEqual(
    [quic.protocol, quic.socket, quic.transport, quic.family],
    ['quic', 'dgram', 'stream', 'ipv4'],
  );
  assert.equal(good('quic+ipv6@:443').protocol, 'quic');
  assert.equal(good('mptcp6@:443').protocol, 'mptcp');
  const log: AddressOptions = { ...server, defaultType: 'dgram', stream: true, dgram: true };
  assert.equal(brief('1.1.1.1:514', log), 'inet ipv4 dgram 1.1.1.1 1.1.1.1 fixed 514 514');
  assert.equal(good('tcp@1.1.1.1', log).socket, 'stream');
  assert.equal(good('uxdg@/dev/log', log).socket, 'dgram');
});

test('server addresses', () => {
  assert.equal(brief('1.1.1.1', server), 'inet ipv4 stream 1.1.1.1 1.1.1.1 none 0 0');
  assert.equal(brief('1.1.1.1:+1000', server), 'inet ipv4 stream 1.1.1.1 1.1.1.1 offset 1000 1000');
  assert.equal(brief('1.1.1.1:-1', server), 'inet ipv4 stream 1.1.1.1 1.1.1.1 offset -1 -1');
  assert.equal(brief('name.test:80', server), 'inet any stream name.test - fixed 80 80');
  assert.equal(brief('[2001:db8::1]', server), 'inet ipv6 stream 2001:db8::1 2001:db8::1 none 0 0');
  assert.equal(bad('1.1.1.1:80-90', server), `port range not permitted here in '1.1.1.1:80-90'`);
  assert.equal(bad('1.1.1.1:70000', server), `invalid port '70000'`);
  assert.equal(bad('1.1.1.1:x', server), `invalid character 'x' in port number 'x' in '1.1.1.1:x'`);
  assert.equal(bad('fd@3', server), `a file descriptor is not acceptable here in 'fd@3'`);
  assert.equal(bad('udp@1.1.1.1:3', server), `dgram-type address not acceptable in 'udp@1.1.1.1:3'`);
  assert.equal(bad('$NOPE', server), `'$NOPE' resolves to an empty address (environment variable missing?)`);
});

test('the texts of errors', () => {
  const texts: Readonly<Record<string, string>> = {
    '80': `missing port specification in '80'`,
    'a:': `missing port specification in 'a:'`,
    '*': `missing port specification in '*'`,
    '0.0.0.0:$PORT': `missing port specification in '0.0.0.0:$PORT'`,
    ':0': `invalid port '0'`,
    ':92000': `invalid port '92000'`,
    ':80-': `invalid port ''`,
    ':90-80': `invalid port range '90-80'`,
    ':80-70000': `invalid port '70000'`,
    ':+80': `port offset not permitted here in ':+80'`,
    '*:*': `invalid character '*' in port number '*' in '*:*'`,
    'foo.invalid:80': `invalid address: 'foo.invalid' in 'foo.invalid:80'`,
    '10.0.0.300:80': `invalid address: '10.0.0.300' in '10.0.0.300:80'`,
    '${NOPE-x}:80': "invalid address: '-x}' in '${NOPE-x}:80'",
    '[::1': `invalid address: '[:' in '[::1'`,
    'ipv4@::1:80': `invalid address: '::1' in 'ipv4@::1:80'`,
    'ipv6@1.2.3.4:80': `invalid address: '1.2.3.4' in 'ipv6@1.2.3.4:80'`,
    '1.2.3.4:80:90': `invalid address: '1.2.3.4:80' in '1.2.3.4:80:90'`,
    'foo@:80': `invalid address: 'foo@' in 'foo@:80'`,
    'fd@x': `file descriptor 'x' is not a valid integer in 'fd@x'`,
    'sockpair@': `file descriptor '' is not a valid integer in 'sockpair@'`,
  };
  for (const [text, error] of Object.entries(texts)) assert.equal(bad(text), error, text);
  assert.equal(bad(`/${'a'.repeat(97)}`), `socket path '/${'a'.repeat(97)}' too long (max 97)`);
});

test('lists are cut at commas', () => {
  const list = parseAddresses(':80,[::]:81,', bind);
  assert.ok(!isAddressError(list));
  assert.deepEqual(
    list.map(({ portLow }) => portLow),
    [80, 81],
  );
  const empty = parseAddresses(',:80', bind);
  assert.ok(isAddressError(empty));
  assert.equal(empty.error, `'' resolves to an empty address (environment variable missing?)`);
});

test('property: any text gives an address or an error', () => {
  const pieces = [
    '1',
    ':',
    '[',
    ']',
    '@',
    '+',
    '-',
    ',',
    'ipv4@',
    'fd@',
    '/',
    '*',
    '$',
    '{',
    '}',
    'a',
    '::1',
    'quic+',
  ];
  let seed = 3;
  for (let round = 0; round < 20_000; round++) {
    let text = '';
    for (let i = 0; i < 6; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      text += pieces[(seed >> 8) % pieces.length]!;
    }
    const result = parseAddresses(text, round % 2 === 0 ? bind : server);
    if (!isAddressError(result))
      for (const { portLow, portHigh } of result) assert.ok(portLow <= portHigh, text);
  }
});
