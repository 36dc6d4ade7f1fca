// Clients and servers of HTTP stories that are more than a request and its answer: trailers, Expect, Upgrade, CONNECT,
// pipelines, cookies, answers before the request is over, failures that are tried again, aborts.

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

/** What an exchange is about; the server reads it in the x-how header. */
const HOWS = [
  ...['plain', 'plain', 'chunked', 'trailers', 'close', 'none', '304', 'head'],
  ...['expect', 'refuse', 'early', 'fail', 'upgrade', 'connect', 'half-close', 'abort'],
] as const;
export type How = (typeof HOWS)[number];

interface Ask {
  readonly id: string;
  readonly how: How;
  readonly method: string;
  readonly head: string;
  /** The body as it goes over the wire. */
  readonly body: string;
  /** Length of the answer's body, or of what goes through the tunnel. */
  readonly length: number;
  /** The server that its cookie names, once it is asked; none: ''. */
  bound: string;
}

export interface Told {
  readonly id: string;
  readonly how: How;
  /** 0 where no answer came. */
  readonly status: number;
  readonly whole: boolean;
  /** The first of its connection. */
  readonly first: boolean;
  /** The whole request was in memory when a server was asked, so that it can be tried again. */
  readonly small: boolean;
}

const greeting = (id: string): string => `hello ${id}\n`;

export class StoryClient implements Actor {
  readonly told: Told[] = [];
  fault: string | null = null;
  done = false;
  private pausesUntil = 0;
  /** When a body that waits for 100 Continue goes without it. */
  private heldUntil = 0;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly outbox: Outbox;
  private readonly asks: Ask[];
  private readonly pace: number;
  private readonly usesCookies: boolean;
  private cookie = '';
  /** The server that the cookie names. */
  private home = '';
  private socket: SimSocket | null = null;
  private asked: Ask[] = [];
  private text = '';
  /** A body that waits for 100 Continue. */
  private held = '';
  private tunnel: Ask | null = null;
  private answered = 0;
  private abortsAt = Infinity;
  private turns = 0;
  private saidEnd = false;
  /** How often it may still rest. */
  private pauses = 10;

  constructor(name: string, network: SimNetwork, prng: Prng, clock: Clock) {
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.outbox = new Outbox(network);
    this.pace = prng.chance(10) ? prng.between(5, 90) : prng.between(200, 20_000);
    this.usesCookies = prng.chance(60);
    this.asks = Array.from({ length: prng.between(1, 6) }, (_, i) => this.plan(`${name}r${i}`));
    this.pausesUntil = prng.below(60);
  }

  private plan(id: string): Ask {
    const { prng } = this;
    const how = HOWS[prng.below(HOWS.length)]!;
    const uploads = ['expect', 'refuse', 'early', 'trailers'].includes(how) || prng.chance(30);
    const tunnels = how === 'upgrade' || how === 'connect';
    const method =
      how === 'head' ? 'HEAD' : how === 'connect' ? 'CONNECT' : uploads && !tunnels ? 'POST' : 'GET';
    const length = prng.chance(75) ? prng.below(600) : prng.below(50_000);
    const target = how === 'connect' ? 'sim:80' : `/${id}`;
    let head = `${method} ${target} HTTP/1.1\r\nhost: sim${how === 'connect' ? ':80' : ''}\r\nx-id: ${id}\r\n`;
    head += `x-how: ${how}\r\nx-length: ${length}\r\n`;
    let body = '';
    if (how === 'upgrade') head += 'connection: upgrade\r\nupgrade: echo\r\n';
    if (method === 'POST') {
      const content = bodyOf(length + 1, prng.chance(70) ? prng.below(900) : prng.below(40_000));
      head += `x-sum: ${sumOf(content)}\r\n`;
      if (how === 'expect' || how === 'refuse') head += 'expect: 100-continue\r\n';
      if (how === 'trailers' || prng.chance(40)) {
        head += 'transfer-encoding: chunked\r\n';
        body = inChunks(content, prng, how === 'trailers' ? `x-last: ${id}\r\nx-more: ${id}\r\n` : '');
      } else {
        head += `content-length: ${content.length}\r\n`;
        body = content;
      }
    }
    return { id, how, method, head, body, length, bound: '' };
  }

  get wakeAt(): number {
    if (this.done) return Infinity;
    const { now } = this.clock;
    if (this.pausesUntil > now) return this.pausesUntil;
    return this.held !== '' && this.heldUntil > now ? this.heldUntil : Infinity;
  }

  get ready(): boolean {
    const { now } = this.clock;
    if (this.done || now < this.pausesUntil) return false;
    const { socket } = this;
    if (socket === null) return true;
    if (socket.inbox.length > 0 || socket.ended || socket.broken < 0) return true;
    if (this.outbox.length > 0) return this.network.room(socket) > 0;
    if (this.tunnel !== null) return !this.saidEnd;
    return (
      this.asked.length === 0 || (this.held !== '' && now >= this.heldUntil) || this.turns >= this.abortsAt
    );
  }

  act(): void {
    const { network, prng } = this;
    this.turns++;
    if (this.socket === null) {
      this.open();
      return;
    }
    const { socket } = this;
    if (this.turns >= this.abortsAt) {
      if (prng.chance(50)) network.reset(socket);
      else network.close(socket);
      this.leave();
      return;
    }
    if (socket.inbox.length > 0) {
      this.text += Buffer.from(network.read(socket, prng.chance(10) ? 11 : 100_000)).toString('latin1');
      this.read(false);
      return;
    }
    if (socket.ended || socket.broken < 0) {
      this.read(true);
      if (this.socket === socket) {
        network.close(socket);
        this.leave();
      }
      return;
    }
    if (this.outbox.length === 0 && this.tunnel !== null) {
      this.saidEnd = true;
      network.shutdown(socket);
      return;
    }
    // The server does not say 100: the body goes without it.
    if (this.outbox.length === 0 && this.held !== '' && this.clock.now >= this.heldUntil) this.sendHeld();
    if (this.outbox.length === 0 && this.asked.length === 0) this.ask();
    if (this.outbox.length > 0) this.outbox.flush(socket, this.pace);
    if (this.outbox.length === 0 && this.asked[0]?.how === 'half-close') network.shutdown(socket);
    if (this.pauses > 0 && prng.chance(3)) {
      this.pauses--;
      this.pausesUntil = this.clock.now + prng.below(200);
    }
  }

  private open(): void {
    const { network } = this;
    const socket = network.open();
    this.socket = socket;
    const to = { family: 'ipv4', address: '127.0.0.1', port: 8000 } as const;
    if (network.connect(socket, to) < 0) {
      this.asks.length = 0;
      this.leave();
    }
  }

  private ask(): void {
    // What ends its connection, or has its client wait, is not followed by another before its answer.
    const alone = (one: Ask): boolean => !['plain', 'chunked', 'none', '304', 'head'].includes(one.how);
    do {
      const next = this.asks.shift();
      if (next === undefined) return;
      this.asked.push(next);
      next.bound = this.home;
      const cookie = this.usesCookies && this.cookie !== '' ? `cookie: a=b; SRV=${this.cookie}; c=d\r\n` : '';
      this.outbox.push(`${next.head}${cookie}\r\n`);
      if (next.how === 'abort') this.abortsAt = this.turns + this.prng.between(1, 12);
      if (next.how === 'expect' || next.how === 'refuse') {
        this.held = next.body;
        this.heldUntil = this.clock.now + 500;
        return;
      }
      this.outbox.push(next.body);
      if (alone(next)) return;
    } while (this.asks.length > 0 && !alone(this.asks[0]!) && this.prng.chance(40));
  }

  private sendHeld(): void {
    this.outbox.push(this.held);
    this.held = '';
  }

  private read(over: boolean): void {
    if (this.tunnel !== null) {
      this.readTunnel(over);
      return;
    }
    while (this.asked.length > 0) {
      const ask = this.asked[0]!;
      const code = Number(/^HTTP\/1\.1 (\d\d\d)/.exec(this.text)?.[1] ?? 0);
      const opens = code === 101 || (ask.how === 'connect' && code === 200);
      const bodyless = ask.method === 'HEAD' || opens || code === 204 || code === 304 || code < 200;
      const message = code === 0 ? null : readMessage(this.text, bodyless, over);
      if (message === null) return;
      this.text = this.text.slice(message.length);
      if (code === 100 && this.held !== '') this.sendHeld();
      if (opens) {
        this.tunnel = ask;
        this.outbox.push(bodyOf(seedOf(ask.id), ask.length));
        this.readTunnel(over);
        return;
      }
      if (code < 200) continue;
      this.asked.shift();
      this.abortsAt = Infinity;
      this.judge(ask, message, code);
      if (
        message.headers.get('connection') === 'close' ||
        message.untilClose ||
        this.held !== '' ||
        ask.how === 'half-close'
      ) {
        // Bytes of the request may be left: they are of no use any more.
        this.network.close(this.socket!);
        this.leave();
        return;
      }
    }
    if (this.text !== '')
      this.fault = `bytes that nobody asked for: ${JSON.stringify(this.text.slice(0, 60))}`;
    if (this.asks.length === 0 && this.outbox.length === 0) {
      this.network.close(this.socket!);
      this.leave();
    }
  }

  private judge(ask: Ask, message: Message, status: number): void {
    const { headers } = message;
    let whole = true;
    const from = headers.get('x-server');
    if (from !== undefined) {
      const silent = ask.method === 'HEAD' || status === 204 || status === 304;
      const expected = silent ? '' : bodyOf(seedOf(ask.id), ask.length);
      whole = message.body === expected;
      if (headers.get('x-id') !== ask.id)
        this.fault = `the answer to ${ask.id} is that of ${headers.get('x-id')}`;
      else if (message.untilClose ? !expected.startsWith(message.body) : !whole)
        this.fault = `the body of ${ask.id} differs: ${message.body.length} bytes, ${expected.length} expected`;
      else if (ask.how === 'trailers' && status === 200 && message.trailers.join() !== `x-end: ${ask.id}`)
        this.fault = `the trailers of ${ask.id} are ${JSON.stringify(message.trailers)}`;
      else if (ask.bound !== '' && ask.bound !== from && !headers.has('set-cookie'))
        this.fault = `${ask.id} was bound to server ${ask.bound} and answered by ${from}`;
      const set = /^SRV=(\w+)/.exec(headers.get('set-cookie') ?? '');
      if (this.usesCookies && set !== null) {
        this.cookie = set[1]!;
        this.home = from;
      }
    }
    this.tell(ask, status, whole);
  }

  private tell(ask: Ask, status: number, whole: boolean): void {
    const small = ask.body === '';
    const first = this.answered++ === 0;
    this.told.push({ id: ask.id, how: ask.how, status, whole, first, small });
  }

  private readTunnel(over: boolean): void {
    const ask = this.tunnel!;
    const expected = greeting(ask.id) + bodyOf(seedOf(ask.id), ask.length);
    if (!expected.startsWith(this.text)) this.fault = `the tunnel of ${ask.id} gave back something else`;
    if (!over) return;
    const orderly = this.socket!.broken === 0;
    this.tunnel = null;
    this.asked.shift();
    this.tell(ask, ask.how === 'connect' ? 200 : 101, this.text === expected && orderly);
  }

  /** The connection is over: what has no answer is lost, the rest is asked on another. */
  private leave(): void {
    const [first] = this.asked;
    if (this.tunnel !== null) this.tell(this.tunnel, this.tunnel.how === 'connect' ? 200 : 101, false);
    else if (first !== undefined) this.tell(first, 0, false);
    this.asked = [];
    this.text = this.held = '';
    this.tunnel = null;
    this.saidEnd = false;
    this.answered = 0;
    this.abortsAt = Infinity;
    this.socket = null;
    this.outbox.clear();
    if (this.asks.length === 0) this.done = true;
  }
}

interface Serving {
  readonly socket: SimSocket;
  readonly outbox: Outbox;
  text: string;
  /** Answered before its body came: what comes up to the end of the message is thrown away. */
  early: boolean;
  continued: boolean;
  echo: boolean;
  /** Closes when the outbox is empty. */
  closes: boolean;
  wakeAt: number;
}

/** A server of stories. */
export class StoryServer implements Actor {
  fault: string | null = null;
  /** It broke off by itself. */
  faulty = false;
  private readonly index: number;
  private readonly network: SimNetwork;
  private readonly prng: Prng;
  private readonly clock: Clock;
  private readonly listener: SimListener;
  private readonly unreliable: boolean;
  private readonly serving: Serving[] = [];
  /** Of all servers together: how often a request that fails was seen. */
  private readonly seen: Map<string, number>;
  /** Answers some connections before it has read anything, as a server does that has no thread left. */
  private readonly hasty: boolean;
  private readonly haste: Prng;

  constructor(
    index: number,
    network: SimNetwork,
    prng: Prng,
    clock: Clock,
    unreliable: boolean,
    seen: Map<string, number>,
    haste: Prng,
  ) {
    this.index = index;
    this.network = network;
    this.prng = prng;
    this.clock = clock;
    this.unreliable = unreliable;
    this.seen = seen;
    this.haste = haste;
    this.hasty = haste.chance(25);
    this.listener = network.listen('127.0.0.1', 9000 + index);
  }

  get wakeAt(): number {
    let least = Infinity;
    for (const { wakeAt } of this.serving) if (wakeAt > this.clock.now) least = Math.min(least, wakeAt);
    return least;
  }

  private canAct(one: Serving): boolean {
    if (this.clock.now < one.wakeAt) return false;
    const { socket } = one;
    if (socket.inbox.length > 0 || socket.ended || socket.broken < 0) return true;
    return one.outbox.length > 0 ? this.network.room(socket) > 0 : one.closes;
  }

  get ready(): boolean {
    return this.listener.backlog.length > 0 || this.serving.some((one) => this.canAct(one));
  }

  act(): void {
    const socket = this.listener.backlog.shift();
    if (socket !== undefined) {
      const outbox = new Outbox(this.network);
      const fresh = { text: '', early: false, continued: false, echo: false, closes: false, wakeAt: 0 };
      const one: Serving = { socket, outbox, ...fresh };
      this.serving.push(one);
      if (this.hasty && this.haste.chance(30)) {
        this.faulty = true;
        one.early = true;
        const body = bodyOf(this.haste.next() % 1000, this.haste.between(1, 3000));
        one.outbox.push(`HTTP/1.1 503 Busy\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      }
      return;
    }
    const able = this.serving.filter((one) => this.canAct(one));
    this.serve(able[this.prng.below(able.length)]!);
  }

  private drop(one: Serving, reset = false): void {
    if (reset) this.network.reset(one.socket);
    else this.network.close(one.socket);
    this.serving.splice(this.serving.indexOf(one), 1);
  }

  private serve(one: Serving): void {
    const { socket, outbox } = one;
    if (this.unreliable && this.prng.chance(1)) {
      this.faulty = true;
      this.drop(one, this.prng.chance(50));
      return;
    }
    const reads = socket.inbox.length > 0 && (outbox.length === 0 || this.prng.chance(50));
    if (reads) {
      one.text += Buffer.from(this.network.read(socket, 100_000)).toString('latin1');
      this.read(one);
      return;
    }
    if (socket.broken < 0) {
      this.drop(one);
      return;
    }
    if (outbox.length > 0) {
      if (!outbox.flush(socket, this.prng.chance(20) ? 60 : 30_000)) this.drop(one);
      return;
    }
    if (one.closes || socket.ended) this.drop(one);
  }

  private read(one: Serving): void {
    if (one.echo) {
      one.outbox.push(one.text);
      one.text = '';
      return;
    }
    for (;;) {
      const headEnd = one.text.indexOf('\r\n\r\n');
      if (headEnd < 0 || one.closes) return;
      const bare = readMessage(one.text.slice(0, headEnd + 4), true, false)!;
      const { headers } = bare;
      const how = headers.get('x-how') as How;
      const id = headers.get('x-id')!;
      if (/SRV=/.test(headers.get('cookie') ?? '')) this.fault = `${id} came with the balancer's cookie`;
      if ((how === 'early' || how === 'refuse') && !one.early) {
        one.early = true;
        this.answer(one, bare);
      }
      if (one.closes) return;
      if (headers.get('expect') === '100-continue' && !one.continued) {
        one.continued = true;
        one.outbox.push('HTTP/1.1 100 Continue\r\n\r\n');
      }
      const tunnels = how === 'upgrade' || how === 'connect';
      const message = tunnels ? bare : readMessage(one.text, false, false);
      if (message === null) return;
      one.text = one.text.slice(message.length);
      this.check(message, how, id);
      if (one.early) one.early = false;
      else this.answer(one, message);
      one.continued = false;
      if (tunnels && one.echo) {
        this.read(one);
        return;
      }
    }
  }

  private check(message: Message, how: How, id: string): void {
    const sum = message.headers.get('x-sum');
    if (sum !== undefined && String(sumOf(message.body)) !== sum)
      this.fault = `a server got another body for ${id}`;
    const trailers = how === 'trailers' && sum !== undefined ? `x-last: ${id},x-more: ${id}` : '';
    if (message.trailers.join() !== trailers)
      this.fault = `a server got the trailers ${JSON.stringify(message.trailers)} for ${id}`;
  }

  private answer(one: Serving, { start, headers }: Message): void {
    const { prng } = this;
    const how = headers.get('x-how') as How;
    const id = headers.get('x-id')!;
    const length = Number(headers.get('x-length'));
    const body = bodyOf(seedOf(id), length);
    const common = `x-id: ${id}\r\nx-server: ${this.index}\r\n`;
    const send = (status: string, more: string, content = ''): void => {
      if (headers.get('connection') === 'close' && how !== 'early' && how !== 'refuse') {
        more += 'connection: close\r\n';
        one.closes = true;
      }
      one.outbox.push(`HTTP/1.1 ${status}\r\n${common}${more}\r\n${start.startsWith('HEAD') ? '' : content}`);
    };
    const plain = `content-length: ${length}\r\n`;
    if (prng.chance(30)) one.wakeAt = this.clock.now + prng.below(300);
    switch (how) {
      case 'chunked':
        send('200 OK', 'transfer-encoding: chunked\r\n', inChunks(body, prng));
        break;
      case 'trailers':
        send('200 OK', 'transfer-encoding: chunked\r\n', inChunks(body, prng, `x-end: ${id}\r\n`));
        break;
      case 'close':
        one.closes = true;
        send('200 OK', '', body);
        break;
      case 'none':
        send('204 No Content', '');
        break;
      case '304':
        send('304 Not Modified', plain);
        break;
      case 'refuse':
        send('417 Expectation Failed', `${plain}connection: close\r\n`, body);
        break;
      case 'upgrade':
        one.echo = true;
        one.outbox.push(
          `HTTP/1.1 101 Switching Protocols\r\n${common}connection: upgrade\r\nupgrade: echo\r\n\r\n`,
        );
        one.outbox.push(greeting(id));
        break;
      case 'connect':
        one.echo = true;
        one.outbox.push(`HTTP/1.1 200 OK\r\n${common}\r\n${greeting(id)}`);
        break;
      case 'fail':
        this.fails(one, id, () => send('200 OK', plain, body));
        break;
      default:
        send('200 OK', plain, body);
    }
  }

  /** The first attempt fails, in one of the ways that retry-on knows; the next one is answered. */
  private fails(one: Serving, id: string, answer: () => void): void {
    const count = this.seen.get(id) ?? 0;
    this.seen.set(id, count + 1);
    if (count > 0) {
      answer();
      return;
    }
    one.closes = true;
    switch (this.prng.below(3)) {
      case 0:
        one.outbox.push('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        break;
      case 1:
        one.outbox.push('\0 this is no HTTP\r\n\r\n');
        break;
      default:
    }
  }
}
