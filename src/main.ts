// The program's one entry: the control thread, or, in a worker, a data thread or the log thread.

import type { LogThreadInit } from './process/log-thread.ts';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

if (isMainThread) {
  const { main } = await import('./process/control.ts');
  await main(process.argv.slice(2), new URL(import.meta.url));
} else if ((workerData as { hawserLogThread?: LogThreadInit }).hawserLogThread !== undefined) {
  const { LogThreadBody } = await import('./process/log-thread.ts');
  new LogThreadBody((workerData as { hawserLogThread: LogThreadInit }).hawserLogThread, parentPort!);
} else {
  const { DataPlane } = await import('./process/data-plane.ts');
  const port = parentPort!;
  const init = (workerData as { hawserDataThread: ConstructorParameters<typeof DataPlane>[0] })
    .hawserDataThread;
  const plane = new DataPlane(init, (message) => port.postMessage(message));
  // Once: what is thrown after the thread has put its things in order goes to the control thread.
  process.once('uncaughtException', (error) => plane.fail(error));
  port.on('message', (message: Parameters<typeof plane.receive>[0] | { type: 'end' }) => {
    if (message.type === 'end') {
      port.close();
      plane.stop();
    } else plane.receive(message);
  });
}
