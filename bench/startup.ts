// Time to check a configuration with -c, a short one and a long one: bin/node bench/startup.ts [--runs N]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { HAPROXY, HAWSER, PROXY_CORE, Scene, leaveProxyCore, median } from './scene.ts';

const LIMIT_MS = 60_000;

const HEAD = [
  'global',
  '  nbthread 1',
  '  maxconn 4000',
  '',
  'defaults',
  '  mode http',
  '  timeout connect 5s',
  '  timeout client 30s',
  '  timeout server 30s',
  '',
];

function shortConfig(): string {
  const lines = [...HEAD, 'frontend front', '  bind 127.0.0.1:18080', '  acl api path_beg /api/'];
  lines.push('  use_backend back if api', '  default_backend back', '', 'backend back');
  lines.push('  balance roundrobin', '  server one 127.0.0.1:18081', '  server two 127.0.0.1:18082');
  return lines.join('\n') + '\n';
}

/** Some hundred pairs of a frontend with rules and a backend with servers, as large sites generate them. */
function longConfig(lineCount: number): string {
  const lines = [...HEAD];
  for (let site = 0; lines.length + 40 <= lineCount; site++) {
    lines.push(`frontend front${site}`, `  bind 127.0.0.1:${10_000 + site}`);
    for (let rule = 0; rule < 8; rule++) lines.push(`  acl path${rule} path_beg /site${site}/part${rule}/`);
    lines.push(`  acl name hdr(host) -i site${site}.example.com www.site${site}.example.com`);
    lines.push('  acl local src 127.0.0.0/8 10.0.0.0/8', '  http-request deny if path0 !local');
    lines.push(
      '  http-request set-header x-site %[req.hdr(host),lower]',
      '  http-request del-header x-debug',
    );
    for (let rule = 1; rule < 8; rule++) lines.push(`  use_backend back${site} if name path${rule}`);
    lines.push(`  default_backend back${site}`, '');
    lines.push(`backend back${site}`, '  balance roundrobin', '  cookie SRV insert indirect nocache');
    for (let server = 0; server < 12; server++) {
      lines.push(
        `  server s${server} 10.${site >> 8}.${site & 255}.${server + 1}:80 cookie c${server} weight 10`,
      );
    }
    lines.push('');
  }
  while (lines.length < lineCount) lines.push('# padding');
  return lines.join('\n') + '\n';
}

function checkMs(program: string, config: string): number {
  const before = process.hrtime.bigint();
  const run = spawnSync('taskset', ['-c', String(PROXY_CORE), program, '-c', '-f', config], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const ms = Number(process.hrtime.bigint() - before) / 1e6;
  if (run.status === 0) return ms;
  throw new Error(`${program} -c -f ${config} ended with ${run.status}\n${run.stderr.slice(0, 2000)}`);
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
  throw new Error(`--runs: '${values.runs}' is not a whole number from 1 to 100`);
}
leaveProxyCore();
const scene = new Scene();
try {
  console.log('lines   proxy     median ms');
  for (const text of [shortConfig(), longConfig(20_000)]) {
    const lineCount = text.split('\n').length - 1;
    const config = scene.write(`${lineCount}.cfg`, text);
    for (const [name, program] of [['haproxy', HAPROXY] as const, ['hawser', HAWSER] as const]) {
      try {
        // The first run fills the page cache and the compile cache, and does not count.
        checkMs(program, config);
        const times = Array.from({ length: runs }, () => checkMs(program, config));
        console.log(String(lineCount).padEnd(7), name.padEnd(8), median(times).toFixed(1).padStart(10));
      } catch (error) {
        console.log(String(lineCount).padEnd(7), name.padEnd(8), `FAILED: ${(error as Error).message}`);
        process.exitCode = 1;
      }
    }
  }
} finally {
  await scene.close();
}
