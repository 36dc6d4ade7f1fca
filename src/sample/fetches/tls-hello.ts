// The TLS hello that passes in clear through a buffer (manual 7.3.5): nothing is decrypted.

import { defineFetch, type FetchKeyword } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import type { StreamContext } from '../context.ts';
import { type Sample, Type } from '../sample.ts';
import {
  CLIENT_HELLO,
  Extension,
  NOT_THERE,
  NOT_YET,
  SERVER_HELLO,
  cipherSuites,
  extension,
  extensionList,
  found,
  helloType,
  helloVersion,
} from '../tls-hello.ts';

/** Nothing to be read in HTTP mode, where the buffer holds messages. */
const bytesOf = (stream: StreamContext): string => (stream.request === null ? stream.requestPayload() : '');

/** Notes whether waiting may help, and says whether `position` is one. */
function isThere(stream: StreamContext, sample: Sample, position: number): boolean {
  sample.partial = position === NOT_YET && !stream.inspectionOver;
  return position >= 0;
}

const fromHello = (
  name: string,
  aliases: readonly string[],
  type: Type,
  doc: string,
  find: (text: string) => number,
  read: (text: string, sample: Sample, position: number) => boolean,
): FetchKeyword =>
  defineFetch({
    name,
    aliases,
    args: [],
    type,
    ...Source.REQUEST_BYTES,
    doc,
    fetch(stream, sample) {
      const text = bytesOf(stream);
      const position = find(text);
      return isThere(stream, sample, position) && read(text, sample, position);
    },
  });

/** The list of an extension, without the length that opens it. */
const list = (name: string, which: number, doc: string): FetchKeyword =>
  fromHello(
    name,
    [],
    Type.BIN,
    doc,
    (text) => extension(text, which),
    (text, sample, at) => {
      if (at + 2 > found.end) return false;
      const end = at + 2 + (text.charCodeAt(at) << 8) + text.charCodeAt(at + 1);
      return end <= found.end && sample.setBin(text.slice(at + 2, end));
    },
  );

/** RFC 6066 section 3: a list of names with their types, of which 0, the only one, is a host's. */
function readServerName(text: string, sample: Sample, at: number): boolean {
  const start = at + 5;
  if (start > found.end || text.charCodeAt(at + 2) !== 0) return false;
  const end = start + (text.charCodeAt(at + 3) << 8) + text.charCodeAt(at + 4);
  return end > start && end <= found.end && sample.setStr(text.slice(start, end));
}

/** RFC 7301 section 3.1: the protocol the client likes best. */
function readProtocol(text: string, sample: Sample, at: number): boolean {
  const start = at + 3;
  const end = start + text.charCodeAt(at + 2);
  return start < end && end <= found.end && sample.setStr(text.slice(start, end));
}

/** RFC 8446 section 4.2.8: groups with their keys, of which the groups alone are kept. */
function readKeyShares(text: string, sample: Sample, begin: number): boolean {
  const limit = begin + 2 + (text.charCodeAt(begin) << 8) + text.charCodeAt(begin + 1);
  if (begin + 2 > found.end || limit > found.end) return false;
  let groups = '';
  let at = begin + 2;
  while (at + 4 <= limit) {
    groups += text.slice(at, at + 2);
    at += 4 + (text.charCodeAt(at + 2) << 8) + text.charCodeAt(at + 3);
  }
  return groups !== '' && at === limit && sample.setBin(groups);
}

/** 0 without the extension, 1 where it is empty, 2 with a ticket. */
function ticketState(text: string): number {
  const list = extensionList(text);
  if (list < 0) return list;
  const at = extension(text, Extension.SESSION_TICKET);
  if (at >= 0) return found.end > at ? 2 : 1;
  return at === NOT_THERE && isWhole(text, list) ? 0 : at;
}

/** The extensions fill their list exactly: only then an absent one is known to be absent. */
function isWhole(text: string, list: number): boolean {
  extensionList(text);
  const limit = found.end;
  let at = list;
  while (at + 4 <= limit) at += 4 + (text.charCodeAt(at + 2) << 8) + text.charCodeAt(at + 3);
  return at === limit;
}

const number = (_text: string, sample: Sample, value: number): boolean => sample.setInt(value);

const serverHello = (text: string): number => {
  const type = helloType(text);
  return type < 0 || type === SERVER_HELLO ? type : NOT_THERE;
};

const clientOrServerHello = (text: string): number => {
  const type = helloType(text);
  return type < 0 || type === CLIENT_HELLO || type === SERVER_HELLO ? type : NOT_THERE;
};

export default [
  fromHello(
    'req.ssl_hello_type',
    ['req_ssl_hello_type'],
    Type.SINT,
    'The type of a complete TLS hello in the request: 1 for that of a client.',
    clientOrServerHello,
    number,
  ),
  defineFetch({
    name: 'res.ssl_hello_type',
    aliases: ['rep_ssl_hello_type'],
    args: [],
    type: Type.SINT,
    ...Source.RESPONSE_BYTES,
    doc: 'The type of a complete TLS hello in the response: 2 for that of a server.',
    fetch(stream, sample) {
      const type = stream.response === null ? serverHello(stream.responsePayload()) : NOT_THERE;
      return isThere(stream, sample, type) && sample.setInt(type);
    },
  }),
  fromHello(
    'req.ssl_ver',
    ['req_ssl_ver'],
    Type.SINT,
    'The version of a TLS client hello: 65536 times the major one plus the minor; ACLs compare 3.1.',
    helloVersion,
    number,
  ),
  fromHello(
    'req.ssl_sni',
    ['req_ssl_sni'],
    Type.STR,
    'The server name that a TLS client hello asks for.',
    (text) => extension(text, Extension.SERVER_NAME),
    readServerName,
  ),
  fromHello(
    'req.ssl_alpn',
    [],
    Type.STR,
    'The first protocol that a TLS client hello offers by ALPN.',
    (text) => extension(text, Extension.ALPN),
    readProtocol,
  ),
  fromHello(
    'req.ssl_st_ext',
    [],
    Type.SINT,
    'Session ticket in a TLS client hello: 0 no extension, 1 an empty one, 2 a ticket.',
    ticketState,
    number,
  ),
  fromHello(
    'req.ssl_ec_ext',
    [],
    Type.BOOL,
    'A TLS client hello names the elliptic curves it supports.',
    (text) => extension(text, Extension.SUPPORTED_GROUPS),
    (_text, sample) => sample.setBool(true),
  ),
  fromHello(
    'req.ssl_cipherlist',
    [],
    Type.BIN,
    'The cipher suites of a TLS client hello, two bytes each.',
    cipherSuites,
    (text, sample) => sample.setBin(text.slice(found.start, found.end)),
  ),
  fromHello(
    'req.ssl_keyshare_groups',
    [],
    Type.BIN,
    'The groups for which a TLS client hello brings keys, two bytes each.',
    (text) => extension(text, Extension.KEY_SHARE),
    readKeyShares,
  ),
  list(
    'req.ssl_sigalgs',
    Extension.SIGNATURE_ALGORITHMS,
    'The signature algorithms of a TLS client hello, two bytes each.',
  ),
  list(
    'req.ssl_supported_groups',
    Extension.SUPPORTED_GROUPS,
    'The groups that a TLS client hello supports, two bytes each.',
  ),
];
