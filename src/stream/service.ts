// Requests that wait for a service of the program: the control thread has what they ask for (http-request use-service).

import { replyError, replyLong } from './local-reply.ts';
import type { HttpStream } from './http-stream.ts';

/** The text format of Prometheus, version 0.0.4. */
const TEXT = 'text/plain; version=0.0.4';

export class Services {
  private readonly send: (ticket: number, query: string) => void;
  private readonly waiting = new Map<number, HttpStream>();
  private tickets = 0;

  constructor(send: (ticket: number, query: string) => void) {
    this.send = send;
  }

  ask(stream: HttpStream): void {
    const { target } = stream.request;
    const [whole = ''] = target.split('#', 1);
    const cut = whole.indexOf('?');
    stream.serviceTicket = ++this.tickets;
    stream.serviceName = '<PROMEX>';
    stream.timers.queue = stream.timers.connect = stream.elapsed();
    this.waiting.set(stream.serviceTicket, stream);
    this.send(stream.serviceTicket, cut < 0 ? '' : whole.slice(cut + 1));
  }

  /** `body`: null where the question was none (400). Who asked may be gone. */
  answer(ticket: number, body: Uint8Array | null): void {
    const stream = this.waiting.get(ticket);
    if (stream === undefined) return;
    this.forget(stream);
    stream.timers.response = stream.elapsed();
    if (body === null) replyError(stream, 400);
    else replyLong(stream, TEXT, body);
  }

  /** The stream is over, or has its answer. */
  forget(stream: HttpStream): void {
    this.waiting.delete(stream.serviceTicket);
    stream.serviceTicket = 0;
  }
}
