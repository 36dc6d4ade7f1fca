// A client connection in TCP mode: one stream for its whole life.

import { Session } from './session.ts';
import { TcpStream } from './tcp-stream.ts';
import type { Connection } from './connection.ts';
import type { Plane } from './plane.ts';

export class TcpSession extends Session {
  private readonly stream: TcpStream;

  constructor(plane: Plane) {
    super(plane);
    this.stream = new TcpStream(plane);
    this.stream.session = this;
  }

  override streamNow(): TcpStream {
    return this.stream;
  }

  override run(): void {
    this.requestCount = 1;
    this.stream.start();
  }

  /** The stream is over. */
  finished(): void {
    this.end();
  }

  override onReceived(_connection: Connection, result: number): void {
    this.stream.clientReceived(result);
  }

  override onSent(connection: Connection, result: number): void {
    this.stream.clientSent(connection, result);
  }

  override onConnected(): void {}

  override timedOut(): void {
    this.stream.clientTimeout();
  }

  /** A TCP session goes on until its ends close it. */
  override drain(): void {}

  override kill(flag: string): void {
    this.stream.killed(flag);
  }

  override dropped(): void {
    this.plane.reactor.forget(this.stream.timer);
  }

  get current(): TcpStream {
    return this.stream;
  }
}
