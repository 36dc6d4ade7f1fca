// Examples of the map converters: one file for each kind of key and of value, each with one entry.

const KEYS = { text: 'www', number: '7', network: '192.0.2.0/24' } as const;
const VALUES = { app: 'app1', weight: '42', address: '198.51.100.9' } as const;

/** Matching method to the kind of key and an expression that the key matches. */
const METHODS: Readonly<Record<string, readonly [keyof typeof KEYS, string]>> = {
  str: ['text', 'str(www)'],
  beg: ['text', 'str(www2)'],
  end: ['text', 'str(awww)'],
  sub: ['text', 'str(awww2)'],
  dir: ['text', 'str(/a/www/b)'],
  dom: ['text', 'str(a.www.b)'],
  reg: ['text', 'str(xwwwx)'],
  int: ['number', 'int(7)'],
  ip: ['network', 'src'],
};
const OUTPUTS: Readonly<Record<string, keyof typeof VALUES>> = {
  '': 'app',
  _str: 'app',
  _int: 'weight',
  _ip: 'address',
  _key: 'app',
};

export const MAP_FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(KEYS).flatMap(([kind, key]) =>
      Object.entries(VALUES).map(([what, value]) => [
        `${kind}-${what}.map`,
        `# ${kind} to ${what}\n${key} ${value}\n`,
      ]),
    ),
  ),
  'groups.map': '^(w+)\\.(.*)$ \\2-of-\\1\n',
};

export const MAP_EXAMPLES: Readonly<Record<string, readonly (readonly [string, string | null])[]>> = {
  map: [
    ['str(www),map(text-app.map)', 'app1'],
    ['str(ftp),map(text-app.map)', null],
    ['str(ftp),map(text-app.map,other)', 'other'],
  ],
  ...Object.fromEntries(
    Object.entries(METHODS).flatMap(([method, [kind, expression]]) =>
      Object.entries(OUTPUTS).map(([output, what]) => {
        const gives = output === '_key' ? KEYS[kind] : VALUES[what];
        return [
          `map_${method}${output}`,
          [[`${expression},map_${method}${output}(${kind}-${what}.map)`, gives] as const],
        ];
      }),
    ),
  ),
  map_regm: [['str(www.shop),map_regm(groups.map)', 'shop-of-www']],
};
