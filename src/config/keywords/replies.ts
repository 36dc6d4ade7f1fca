// errorfile, errorfiles, errorloc, http-error: what clients get instead of the built-in error pages.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { ERROR_CODES, errorCode, readPage } from '../error-file.ts';
import { takeGroup } from '../error-group.ts';
import { parseReply, type ReplyForm } from '../../rules/reply-words.ts';
import { proxyOf } from './common.ts';

/** The words of http-error. */
/** An error is answered before a server was chosen, or after it: HAProxy lets such an answer ask for everything. */
const ANY_TIME = Phase.REQUEST_HTTP | Phase.RESPONSE_HTTP;

const ERROR: ReplyForm = { status: 0, statusWords: ['status'], bareIsDefault: false, groupIsLate: false };

const ALL = ['defaults', 'frontend', 'listen', 'backend'] as const;

export default [
  defineKeyword({
    name: 'errorfile',
    sections: ALL,
    usage: 'errorfile <code> <file>',
    doc: 'Sends the file, a complete HTTP message, instead of the built-in page.',
    parse(words, context) {
      if (words[2] === undefined)
        throw new ConfigError('errorfile : expects <status_code> and <file> as arguments.');
      const status = errorCode(words[1], 'errorfile');
      proxyOf(context).errors.set(status, readPage(status, words[2], context));
    },
  }),
  defineKeyword({
    name: 'errorfiles',
    sections: ALL,
    usage: 'errorfiles <name> [<code> ...]',
    doc: 'Takes all or some pages of an http-errors section.',
    parse(words, context) {
      const name = words[1];
      if (name === undefined) throw new ConfigError('errorfiles : expects <name> as argument.');
      const codes = words.slice(2).map((word) => errorCode(word, 'errorfiles'));
      const named = codes.length > 0;
      takeGroup(name, named ? codes : ERROR_CODES, named, proxyOf(context).errors, context);
    },
  }),
  defineKeyword({
    name: 'http-error',
    sections: ALL,
    usage: 'http-error status <code> [content-type <type>] [<payload>] [hdr <name> <fmt>]*',
    doc: 'Describes the answer that replaces the built-in page of a status.',
    parse(words, context) {
      if (words[1] !== 'status') {
        throw new ConfigError('http-error : expects at least a <status> as arguments.');
      }
      let reply;
      try {
        reply = parseReply(words, 1, ERROR, ANY_TIME, context);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(`http-error : ${error.message}`, error.frame);
      }
      const { status, kind, make, next } = reply;
      if (next < words.length) throw new ConfigError(`http-error : unknown keyword '${words[next]!}'.`);
      if (!ERROR_CODES.has(status)) throw new ConfigError(`http-error: status code '${status}' not handled.`);
      const { errors } = proxyOf(context);
      if (kind === 'default-errorfiles') errors.delete(status);
      else if (kind === 'errorfiles') takeGroup(reply.group!, [status], true, errors, context);
      else errors.set(status, { status, raw: null, make, source: 'http-error' });
    },
  }),
  ...(['errorloc', 'errorloc302', 'errorloc303'] as const).map((name) =>
    defineKeyword({
      name,
      sections: ALL,
      usage: `${name} <code> <url>`,
      doc: 'Redirects to the URL instead of sending the built-in page.',
      parse(words, context) {
        if (words[2] === undefined)
          throw new ConfigError(`${name} : expects <status_code> and <url> as arguments.`);
        const status = errorCode(words[1], name);
        const line = name === 'errorloc303' ? '303 See Other' : '302 Found';
        proxyOf(context).errors.set(status, {
          status,
          raw: `HTTP/1.1 ${line}\r\ncache-control: no-cache\r\ncontent-length: 0\r\nlocation: ${words[2]}\r\n\r\n`,
          make: null,
          source: words[2],
        });
      },
    }),
  ),
];
