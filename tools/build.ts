// Bundles src/main.ts into dist/main.js: one file starts several times faster than a few hundred.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  platform: 'node',
  target: 'node26',
  format: 'esm',
  sourcemap: true,
  legalComments: 'none',
});
