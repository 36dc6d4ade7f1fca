import { test } from 'node:test';
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { FakeStream } from '../../testing/fake-stream.ts';
import { loadText } from '../../testing/load.ts';

const FILTER = 'filter bwlim-out down default-limit 1k default-period 2s min-size 100\n  ';

const read = (lines: string) => loadText(`backend be\n  mode http\n  ${lines}\n`);
const refusal = (text: string): string => loadText(text).messages.join('\n');

/** What the rules of the backend ask of a stream. */
function calls(rules: string): string[] {
  const { config, messages } = read(FILTER + rules);
  deepStrictEqual(messages, []);
  const stream = new FakeStream();
  for (const rule of config!.proxies[0]!.httpRequest) strictEqual(rule.action.run(stream), 0);
  return stream.calls;
}

test('set-bandwidth-limit: defaults, constants, expressions; what is no number above 0 leaves the default', () => {
  const rule = 'http-request set-bandwidth-limit down';
  deepStrictEqual(calls(rule), ['bandwidth down 1024 2000']);
  deepStrictEqual(calls(`${rule} limit 1m`), ['bandwidth down 1048576 2000']);
  deepStrictEqual(calls(`${rule} period 1m limit 7`), ['bandwidth down 7 60000']);
  deepStrictEqual(calls(`${rule} limit int(5),mul(2) period str(30)`), ['bandwidth down 10 30']);
  for (const none of ['str(x)', 'int(0)', 'int(-1)', 'req.hdr(none)'])
    deepStrictEqual(calls(`${rule} limit ${none} period ${none}`), ['bandwidth down 1024 2000'], none);
});

test('filter bwlim: the model', () => {
  const { config } = read(`${FILTER}filter bwlim-in up default-period 10 default-limit 5`);
  deepStrictEqual(config!.proxies[0]!.bandwidthFilters, [
    { name: 'down', direction: 'out', limit: 1024, periodMs: 2000, minSize: 100 },
    { name: 'up', direction: 'in', limit: 5, periodMs: 10, minSize: 0 },
  ]);
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['filter', /missing argument for 'filter' in backend 'be'/],
  ['filter nonsense', /unknown keyword 'nonsense'/],
  ['filter trace', /'filter trace' is known but not yet supported/],
  ['filter compression', /'filter compression' is known but not yet supported/],
  ['filter bwlim-in', /a name is expected/],
  ['filter bwlim-in x', /are required/],
  ['filter bwlim-in x limit 1m key src', /stick-table\) is known but not yet supported/],
  ['filter bwlim-in x default-limit', /missing value for 'default-limit'/],
  ['filter bwlim-in x default-limit 0', /must be greater than 0/],
  ['filter bwlim-in x default-limit 1q', /unexpected character 'q'/],
  ['filter bwlim-in x default-limit 1 default-limit 2', /given twice/],
  ['filter bwlim-in x default-limit 9g', /too large/],
  ['filter bwlim-in x other 1', /unexpected argument 'other'/],
  [`${FILTER}filter bwlim-in down default-limit 1 default-period 1`, /'down' is already used/],
  ['http-request set-bandwidth-limit', /missing bandwidth limitation filter name/],
  ['http-request set-bandwidth-limit x', /unable to find the bandwidth limitation filter 'x'/],
  [`${FILTER}http-request set-bandwidth-limit down limit`, /missing limit/],
  [`${FILTER}http-request set-bandwidth-limit down limit 0`, /must be greater than 0/],
  [`${FILTER}http-request set-bandwidth-limit down period 1y`, /invalid period '1y'/],
  [`${FILTER}http-request set-bandwidth-limit down period nonsense`, /unknown fetch method/],
];

for (const [lines, message] of REFUSED) {
  test(`refused: ${lines.replace(FILTER, '')}`, () => match(read(lines).messages.join('\n'), message));
}

test('neither may stand in a defaults section', () => {
  match(
    refusal('defaults d\n  filter bwlim-in x default-limit 1 default-period 1\n'),
    /filter is not allowed in a 'default' section/,
  );
  const rule = 'http-request set-bandwidth-limit x';
  match(refusal(`defaults d\n  mode http\n  ${rule}\n`), /not allowed in a defaults section/);
});
