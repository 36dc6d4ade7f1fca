// One bounded run of wrk, and the reading of what it prints.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LOAD_CORE } from './scene.ts';

/** What one run of wrk tells. Latencies in milliseconds; `errors` is empty for a clean run. */
export interface Load {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: string[];
}

const PAUSE_SCRIPT = join(import.meta.dirname, 'pause.lua');
const MS_PER_UNIT: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function latencyMs(output: string, percent: number): number {
  const found = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output);
  return found ? Number(found[1]) * (MS_PER_UNIT[found[2] ?? ''] ?? NaN) : NaN;
}

/** Reads the report of `wrk --latency`. */
export function parseWrk(output: string): Load {
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1] ?? 0),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? 0),
    p50Ms: latencyMs(output, 50),
    p99Ms: latencyMs(output, 99),
    errors: output.match(/(Socket errors|Non-2xx).*/g) ?? [],
  };
}

/**
 * Loads a URL for some seconds from one thread. `pauseMs`: how long a connection rests before its next request.
 * @throws Error if wrk ends with a failure or does not end within 15 s after its time.
 */
export async function runWrk(
  url: string,
  seconds: number,
  connections: number,
  headers: readonly string[],
  pauseMs: number,
): Promise<Load> {
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  for (const header of headers) options.push('-H', header);
  const rest = pauseMs > 0 ? ['-s', PAUSE_SCRIPT, url, '--', String(pauseMs)] : [url];
  const child = spawn('taskset', ['-c', String(LOAD_CORE), 'wrk', ...options, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (seconds + 15) * 1000,
    killSignal: 'SIGKILL',
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) =>
    child.once('error', fail).once('close', done),
  );
  process.off('exit', kill);
  if (code !== 0) throw new Error(`wrk ${url} ended with ${code}: ${output.trim()}`);
  return parseWrk(output);
}
