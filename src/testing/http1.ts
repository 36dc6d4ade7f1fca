import { readFileSync } from 'node:fs';
import { Chunk, ChunkScanner } from '../proto/http1/chunks.ts';
import { Head, STRIDE } from '../proto/http1/head.ts';
import { HeaderId } from '../proto/http1/names.ts';
import { HeadParser, Parse } from '../proto/http1/parser.ts';

/** One entry of test/corpus/http1: a request, and what becomes of it. */
export interface Story {
  title: string;
  bytes: string;
  expect: string;
  /** Why Debian's haproxy answers otherwise. */
  deviates: string;
}

/**
 * Reads a corpus file: "## title", "bytes: <JSON string>", "expect: <words>", perhaps "deviates: <reason>"
 * (beginning with "sometimes" where it is a matter of timing).
 * "lenient: <reason>" says where an RFC would rather have it refused: for people, not read here.
 */
export function readCorpus(path: URL): Story[] {
  const parts = readFileSync(path, 'utf8').split(/^## /m).slice(1);
  return parts.map((part) => {
    const line = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(part)?.[1] ?? '';
    const title = part.split('\n')[0]!;
    return {
      title,
      bytes: JSON.parse(line('bytes')) as string,
      expect: line('expect'),
      deviates: line('deviates'),
    };
  });
}

/** Parses a request that arrives in `pieces`; tells what came of it in one line. */
export function tellRequest(pieces: Uint8Array[]): string {
  const memory = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  const text = (at: number, end: number): string => Buffer.from(memory.subarray(at, end)).toString('latin1');
  const parser = new HeadParser('request', { headersMax: 101, relaxed: false });
  const scanner = new ChunkScanner('request', {
    lineBytesMax: 1024,
    trailerBytesMax: 8192,
    headersMax: 101,
  });
  const head = new Head();
  let to = 0;
  let done = false;
  let at = 0;
  let body = '';
  for (const piece of pieces) {
    memory.set(piece, to);
    to += piece.length;
    if (!done) {
      const verdict = parser.parse(memory, 0, to, head);
      if (verdict === Parse.ERROR) return `refused ${parser.fault.status} ${parser.fault.state}`;
      if (verdict === Parse.NEED_DATA) continue;
      done = true;
      at = head.end;
    }
    for (let more = head.chunked; more;) {
      const event = scanner.next(memory, at, to);
      if (event === Chunk.ERROR) return `refused ${scanner.fault.status} ${scanner.fault.state}`;
      if (event === Chunk.NEED_DATA) break;
      body += text(scanner.dataAt, scanner.dataEnd);
      at = scanner.consumed;
      if (event === Chunk.END) return `${tellHead(head, text)} body=${JSON.stringify(body)} end=${at}`;
      more = event === Chunk.DATA;
    }
  }
  return done ? tellHead(head, text) + (head.chunked ? ' cut' : '') : 'incomplete';
}

function tellHead(head: Head, text: (at: number, end: number) => string): string {
  const lines: string[] = [];
  for (let at = 0; at < head.count * STRIDE; at += STRIDE) {
    const [nameAt, nameEnd, valueAt, valueEnd, id] = head.fields.subarray(at, at + STRIDE);
    if (id !== HeaderId.DROPPED) lines.push(`${text(nameAt!, nameEnd!)}: ${text(valueAt!, valueEnd!)}`);
  }
  const start = `${text(head.methodAt, head.methodEnd)} ${text(head.targetAt, head.targetEnd)} ${head.version}`;
  return `accepted ${JSON.stringify([start, ...lines])} length=${head.contentLength}`;
}
