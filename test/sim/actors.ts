// Clients and servers of the simulation. Each is a small machine that reads and writes sockets of the network when the
// world lets it. They have a reader of HTTP/1 of their own: what they judge is not judged by itself.

import {
  Outbox,
  bodyOf,
  inChunks,
  readMessage,
  seedOf,
  sumOf,
  type Actor,
  type Clock,
  type Message,
} from './wire.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { SimListener, SimNetwork, SimSocket } from '../../src/reactor/sim-network.ts';

export interface Outcome {
  readonly id: string;
  /** 0 where no answer came. */
  readonly status: number;
  /** The answer began and did not end. */
  readonly cut: boolean;
  /** The first of its connection: a later one may meet a connection that is being closed. */
  readonly first: boolean;
}

interface Wanted {
  readonly id: string;
  readonly method: string;
  readonly length: number;
  readonly text: string;
  readonly body: string;
}

/** A client: keep-alive, sometimes pipelined, sometimes impatient or rude. */
export class Client implements Actor {
  readonly outcomes: Outcome[] = [];
  /** What a client saw that must not be: the run has failed. */
  fault: string | null = null;
  done = false;
  /** It broke off by itself. */
  rude = false;
  /** Nobody listened. */
  refused = false;
  wakeAt = 0;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly port: number;
  private readonly outbox: Outbox;
  private socket: SimSocket | null = null;
  private readonly wanted: Wanted[];
  private readonly asked: Wanted[] = [];
  private text = '';
  private readonly pipelines: boolean;
  private readonly quitsAt: number;
  private readonly pace: number;
  private turns = 0;
  /** Answers on the present connection. */
  private answered = 0;

  constructor(name: string, port: number, network: SimNetwork, prng: Prng, clock: Clock) {
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.port = port;
    this.outbox = new Outbox(network);
    this.wanted = Array.from({ length: prng.between(1, 5) }, (_, i) => this.plan(`${name}r${i}`));
    this.pipelines = prng.chance(25);
    this.quitsAt = prng.chance(12) ? prng.between(1, 40) : Infinity;
    this.pace = prng.chance(15) ? 1 : prng.between(20, 20_000);
    this.wakeAt = prng.below(50);
  }

  private plan(id: string): Wanted {
    const { prng } = this;
    const method = prng.chance(60) ? 'GET' : prng.chance(70) ? 'POST' : 'HEAD';
    const length = prng.chance(70) ? prng.below(400) : prng.below(60_000);
    const size = method === 'POST' ? (prng.chance(70) ? prng.below(500) : prng.below(40_000)) : 0;
    const body = bodyOf(length + size, size);
    const how = prng.chance(75) ? 'plain' : ['chunked', 'close', 'empty'][prng.below(3)]!;
    let text = `${method} /${id}?length=${length}&how=${how} HTTP/1.1\r\nhost: sim\r\nx-sum: ${sumOf(body)}\r\n`;
    if (method !== 'POST') text += '\r\n';
    else if (prng.chance(50)) {
      const expects = prng.chance(20) ? 'expect: 100-continue\r\n' : '';
      text += `content-length: ${size}\r\n${expects}\r\n${body}`;
    } else text += `transfer-encoding: chunked\r\n\r\n${inChunks(body, prng)}`;
    return { id, method, length: how === 'empty' ? 0 : length, text, body };
  }

  get ready(): boolean {
    if (this.done || this.clock.now < this.wakeAt) return false;
    const { socket } = this;
    if (socket === null) return this.wanted.length > 0;
    if (socket.inbox.length > 0 || socket.ended || socket.broken < 0) return true;
    if (this.outbox.length > 0) return this.network.room(socket) > 0;
    return this.wanted.length > 0 && (this.asked.length === 0 || this.pipelines);
  }

  act(): void {
    this.turns++;
    if (this.socket === null) {
      const socket = this.network.open();
      this.socket = socket;
      const to = { family: 'ipv4', address: '127.0.0.1', port: this.port } as const;
      if (this.network.connect(socket, to) < 0) {
        this.refused = true;
        this.finish();
      }
      return;
    }
    const { socket, prng } = this;
    if (this.turns > this.quitsAt) {
      this.rude = true;
      if (prng.chance(50)) this.network.reset(socket);
      else this.network.close(socket);
      this.finish();
      return;
    }
    if (socket.inbox.length > 0) {
      this.text += Buffer.from(this.network.read(socket, prng.chance(10) ? 7 : 100_000)).toString('latin1');
      this.readAnswers(false);
      return;
    }
    if (socket.ended || socket.broken < 0) {
      this.readAnswers(true);
      if (!this.done && this.socket === socket) this.connectionOver();
      return;
    }
    if (this.outbox.length === 0 && this.wanted.length > 0) {
      const next = this.wanted.shift()!;
      this.asked.push(next);
      this.outbox.push(next.text);
    }
    if (!this.outbox.flush(socket, this.pace)) return;
    if (prng.chance(3)) this.wakeAt = this.clock.now + prng.below(300);
  }

  private readAnswers(over: boolean): void {
    while (this.asked.length > 0) {
      const wanted = this.asked[0]!;
      const bodyless = wanted.method === 'HEAD' || /^HTTP\/1\.1 (1\d\d|204|304)/.test(this.text);
      const message = readMessage(this.text, bodyless, over);
      if (message === null) return;
      this.text = this.text.slice(message.length);
      const status = Number(message.start.slice(9, 12));
      if (status < 200) continue;
      this.asked.shift();
      // What ends with the connection may have been cut without a sign, as with HAProxy; the log has to know.
      const cut = message.untilClose && message.body.length < wanted.length;
      this.outcomes.push({ id: wanted.id, status, cut, first: this.answered++ === 0 });
      if (status === 200) this.judge(wanted, message);
      if (message.headers.get('connection') === 'close') {
        this.connectionOver();
        return;
      }
    }
    if (this.text !== '')
      this.fault = `bytes that nobody asked for: ${JSON.stringify(this.text.slice(0, 60))}`;
    if (this.wanted.length === 0 && this.outbox.length === 0) {
      this.network.close(this.socket!);
      this.finish();
    }
  }

  private judge(wanted: Wanted, message: Message): void {
    const expected = wanted.method === 'HEAD' ? '' : bodyOf(seedOf(wanted.id), wanted.length);
    if (message.headers.get('x-id') !== wanted.id) {
      this.fault = `the answer to ${wanted.id} is that of ${message.headers.get('x-id')}`;
    } else if (message.untilClose ? !expected.startsWith(message.body) : message.body !== expected) {
      this.fault = `the body of ${wanted.id} differs: ${message.body.length} bytes, ${expected.length} expected`;
    }
  }

  /** The connection is over: what was asked on it and has no answer is lost; the rest is asked on another. */
  private connectionOver(): void {
    const [first] = this.asked;
    if (first !== undefined) {
      const cut = /^HTTP\/1\.1 [2-5]/.test(this.text);
      this.outcomes.push({ id: first.id, status: 0, cut, first: this.answered === 0 });
    }
    this.asked.length = 0;
    this.answered = 0;
    this.text = '';
    this.network.close(this.socket!);
    this.socket = null;
    this.outbox.clear();
    if (this.wanted.length === 0) this.finish();
  }

  private finish(): void {
    this.done = true;
    this.wakeAt = Infinity;
  }
}

interface Serving {
  readonly socket: SimSocket;
  readonly outbox: Outbox;
  text: string;
  /** A request is being answered. */
  busy: boolean;
  /** What ends the connection when the outbox is empty, or at `cutAt` bytes left. */
  ends: 'no' | 'close' | 'reset';
  cutAt: number;
  wakeAt: number;
  continued: boolean;
}

const EXPECTS = '\r\nexpect: 100-continue\r\n';

/** A head with Expect: 100-continue is there, and more behind it. */
function expects(text: string): boolean {
  const at = text.indexOf(EXPECTS);
  return at >= 0 && text.indexOf('\r\n\r\n', at + EXPECTS.length) >= 0;
}

/** A server, more or less reliable. */
export class SimServer implements Actor {
  fault: string | null = null;
  /** Most requests that were being answered at once. */
  busiest = 0;
  /** It misbehaved: what its clients saw is excused. */
  faulty = false;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly listener: SimListener;
  private readonly serving: Serving[] = [];
  private readonly unreliable: boolean;

  constructor(port: number, network: SimNetwork, prng: Prng, clock: Clock, unreliable: boolean) {
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.unreliable = unreliable;
    this.listener = network.listen('127.0.0.1', port);
    if (unreliable && prng.chance(20)) {
      this.listener.mode = prng.chance(50) ? 'refused' : 'silent';
      this.faulty = true;
    }
  }

  get wakeAt(): number {
    return this.serving.reduce(
      (least, one) => Math.min(least, one.wakeAt > this.clock.now ? one.wakeAt : Infinity),
      Infinity,
    );
  }

  private canAct(one: Serving): boolean {
    if (this.clock.now < one.wakeAt) return false;
    const { socket } = one;
    if (socket.inbox.length > 0 || socket.ended || socket.broken < 0) return true;
    return one.outbox.length > 0 ? this.network.room(socket) > 0 : one.ends !== 'no';
  }

  get ready(): boolean {
    return this.listener.backlog.length > 0 || this.serving.some((one) => this.canAct(one));
  }

  act(): void {
    const socket = this.listener.backlog.shift();
    if (socket !== undefined) {
      const outbox = new Outbox(this.network);
      const fresh = { text: '', busy: false, ends: 'no', cutAt: 0, wakeAt: 0, continued: false } as const;
      this.serving.push({ socket, outbox, ...fresh });
      return;
    }
    const able = this.serving.filter((one) => this.canAct(one));
    this.serve(able[this.prng.below(able.length)]!);
    this.busiest = Math.max(this.busiest, this.serving.filter(({ busy }) => busy).length);
  }

  private drop(one: Serving, how: 'close' | 'reset'): void {
    if (how === 'reset') this.network.reset(one.socket);
    else this.network.close(one.socket);
    this.serving.splice(this.serving.indexOf(one), 1);
  }

  private serve(one: Serving): void {
    const { socket, outbox } = one;
    if (socket.inbox.length > 0) {
      one.text += Buffer.from(this.network.read(socket, 100_000)).toString('latin1');
      if (!one.busy) this.readRequest(one);
      return;
    }
    if (socket.broken < 0 || (socket.ended && outbox.length === 0)) {
      this.drop(one, 'close');
      return;
    }
    if (outbox.length > one.cutAt && !outbox.flush(socket, this.prng.chance(20) ? 50 : 30_000)) {
      this.drop(one, 'close');
      return;
    }
    if (outbox.length > one.cutAt) return;
    if (one.ends !== 'no') {
      this.drop(one, one.ends);
      return;
    }
    if (socket.ended) {
      this.drop(one, 'close');
      return;
    }
    one.busy = false;
    this.readRequest(one);
  }

  private readRequest(one: Serving): void {
    if (!one.continued && expects(one.text)) {
      one.continued = true;
      one.outbox.push('HTTP/1.1 100 Continue\r\n\r\n');
    }
    const message = readMessage(one.text, false, false);
    if (message === null) return;
    one.continued = false;
    one.text = one.text.slice(message.length);
    one.busy = true;
    if (String(sumOf(message.body)) !== message.headers.get('x-sum')) {
      this.fault = `a server got another body for ${message.start}`;
    }
    this.answer(one, message);
  }

  private answer(one: Serving, message: Message): void {
    const { prng } = this;
    const match = /^(\w+) \/(\w+)\?length=(\d+)&how=(\w+) /.exec(message.start)!;
    const [, method, id, size, how] = match;
    const body = bodyOf(seedOf(id!), Number(size));
    const closes = prng.chance(10) || message.headers.get('connection') === 'close';
    let head = `HTTP/1.1 ${how === 'empty' ? '204 No Content' : '200 OK'}\r\nx-id: ${id}\r\n`;
    let text = '';
    if (how === 'plain') {
      head += `content-length: ${size}\r\n`;
      text = body;
    } else if (how === 'chunked') {
      head += 'transfer-encoding: chunked\r\n';
      text = inChunks(body, prng);
    } else if (how === 'close') {
      one.ends = 'close';
      text = body;
    }
    if (closes || one.ends !== 'no') {
      head += 'connection: close\r\n';
      one.ends = 'close';
    }
    if (prng.chance(10)) one.outbox.push('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
    one.outbox.push(`${head}\r\n${method === 'HEAD' ? '' : text}`);
    if (prng.chance(30)) one.wakeAt = this.clock.now + prng.below(400);
    if (this.unreliable && prng.chance(15)) this.misbehave(one, how === 'close');
  }

  /** `untilClose`: an orderly end is the end of the body, so that only a reset can cut it short. */
  private misbehave(one: Serving, untilClose: boolean): void {
    const { prng } = this;
    this.faulty = true;
    switch (prng.below(4)) {
      case 0:
        one.ends = 'reset';
        one.cutAt = prng.below(one.outbox.length + 1);
        break;
      case 1:
        one.ends = untilClose ? 'reset' : 'close';
        one.cutAt = prng.below(one.outbox.length + 1);
        break;
      case 2:
        one.outbox.clear();
        one.outbox.push('\0 this is no HTTP\r\n\r\n');
        one.ends = 'close';
        break;
      default:
        one.wakeAt = this.clock.now + 60_000;
    }
  }
}
