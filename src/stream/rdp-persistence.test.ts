import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfToken } from './rdp-persistence.ts';

test('addresses of RDP tokens', () => {
  const tokens: Record<string, string> = {
    // The example of [MS-RDPBCGR] 4.1.1 and of Microsoft's documentation of load balancing.
    '3640205228.15629.0000': '172.31.249.216:3389',
    '16777343.15629.0000': '127.0.0.1:3389',
    '4294967295.65535.0000': '255.255.255.255:65535',
    '4294967296.15629.0000': '',
    '1.65536.0000': '',
    '1.2': '',
    user: '',
    '': '',
  };
  for (const [token, address] of Object.entries(tokens))
    deepStrictEqual(addressOfToken(token), address, token);
});
