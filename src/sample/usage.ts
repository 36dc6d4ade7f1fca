// How busy threads and process are, for cpu_usage_* (manual 7.3.2): measured from one question to the next, since
// nobody is to pay for it who does not ask.

/** Questions closer to each other than this get the same answer, ms. */
const LEAST_MS = 100;

class Usage {
  private readonly measure: (sinceMs: number) => number;
  private at = -Infinity;
  private value = 0;

  /** `measure` gives the part in use, 0 to 1, since it was called before, `sinceMs` ago. */
  constructor(measure: (sinceMs: number) => number) {
    this.measure = measure;
  }

  /** 0 to 100. */
  percent(): number {
    const now = performance.now();
    if (now - this.at < LEAST_MS) return this.value;
    const part = this.measure(Math.min(now - this.at, now));
    this.value = Math.max(0, Math.min(100, Math.round(part * 100)));
    this.at = now;
    return this.value;
  }
}

let loop = performance.eventLoopUtilization();
let times = process.cpuUsage();

const thread = new Usage(() => {
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, loop);
  loop = now;
  return utilization;
});

let threads = 1;
const whole = new Usage((sinceMs) => {
  const { user, system } = process.cpuUsage(times);
  times = process.cpuUsage();
  return (user + system) / 1000 / sinceMs / threads;
});

/** Part of the time in which the calling thread did not wait, 0 to 100. */
export const threadUsage = (): number => thread.percent();

/** Part of `dataThreads` processors that the process used, 0 to 100. */
export function processUsage(dataThreads: number): number {
  threads = Math.max(1, dataThreads);
  return whole.percent();
}
