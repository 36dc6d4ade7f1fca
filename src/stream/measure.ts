// Measures what streams cost, where a configuration asks (effort.ts): the methods through which events reach sessions
// and streams are replaced then, once a thread, so that nothing is tested where nobody asks.

import { begin, end } from './effort.ts';
import { HttpSession } from './http-session.ts';
import { HttpStream } from './http-stream.ts';
import { TcpSession } from './tcp-session.ts';
import { TcpStream } from './tcp-stream.ts';
import type { Reactor } from '../reactor/reactor.ts';
import type { Session } from './session.ts';
import type { Stream } from './stream.ts';

type Called<T> = Partial<Record<'onReceived' | 'onSent' | 'onConnected' | 'onTimeout' | 'run', Method<T>>>;
type Method<T> = (this: T, connection: never, result: never) => void;

function measure<T>(
  prototype: T,
  names: readonly (keyof Called<T>)[],
  reactorOf: (one: T) => Reactor,
  streamOf: (one: T) => Stream | null,
): void {
  const methods = prototype as Called<T>;
  for (const name of names) {
    const plain = methods[name];
    if (plain === undefined) throw new Error(`no method ${name} to measure`);
    methods[name] = function (this: T, connection: never, result: never): void {
      const outermost = begin(reactorOf(this));
      plain.call(this, connection, result);
      if (outermost) end(streamOf(this)?.effort ?? null);
    };
  }
}

let measures = false;

/** From now on this thread measures. */
export function measureStreams(): void {
  if (measures) return;
  measures = true;
  const ofSession = ({ plane }: Session): Reactor => plane.reactor;
  const ofStream = ({ plane }: Stream): Reactor => plane.reactor;
  const sessionEvents = ['onReceived', 'onSent', 'onTimeout', 'run'] as const;
  const streamEvents = ['onReceived', 'onSent', 'onConnected', 'onTimeout'] as const;
  const current = (session: Session): Stream | null => session.streamNow();
  const itself = (stream: Stream): Stream => stream;
  measure<Session>(HttpSession.prototype, sessionEvents, ofSession, current);
  measure<Session>(TcpSession.prototype, sessionEvents, ofSession, current);
  measure<Stream>(HttpStream.prototype, streamEvents, ofStream, itself);
  measure<Stream>(TcpStream.prototype, streamEvents, ofStream, itself);
}
