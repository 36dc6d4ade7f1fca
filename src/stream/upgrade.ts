// After a 101 or an accepted CONNECT the two connections carry bytes that are no HTTP: they go to the tunnel.

import { Res } from './http-stream.ts';
import { failExchange } from './finish.ts';
import type { HttpStream } from './http-stream.ts';

/** The answer that opens the tunnel was sent. Bytes that either side sent early stay in its connection's slab. */
export function startTunnel(stream: HttpStream): void {
  const { upstream, session } = stream;
  stream.clientKeeps = false;
  stream.serverKeeps = false;
  if (upstream === null) {
    // The server went away while its answer was on the way to the client.
    stream.ends('S', 'D');
    failExchange(stream);
    return;
  }
  stream.res = Res.DONE;
  // From here on `timeout tunnel` counts, which the tunnel arms by itself.
  session.arm(0);
  stream.disarm();
  stream.tunnel.start(session.client, upstream);
}
