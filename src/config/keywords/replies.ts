// errorfile, errorfiles, errorloc, http-error: what clients get instead of the built-in error pages.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { errorCode, errorGroup, readErrorFile } from '../error-file.ts';
import { parseReply } from '../../rules/reply-words.ts';
import { proxyOf } from './common.ts';

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
      proxyOf(context).errors.set(status, readErrorFile(status, words[2], context));
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
      const group = errorGroup(name, context);
      const { errors } = proxyOf(context);
      if (words.length === 2) for (const [status, page] of group) errors.set(status, page);
      for (const word of words.slice(2)) {
        const status = errorCode(word, 'errorfiles');
        const page = group.get(status);
        if (page === undefined) {
          throw new ConfigError(
            `errorfiles : status code '${status}' not declared in http-errors section '${name}'.`,
          );
        }
        errors.set(status, page);
      }
    },
  }),
  defineKeyword({
    name: 'http-error',
    sections: ALL,
    usage: 'http-error status <code> [content-type <type>] [<payload>] [hdr <name> <fmt>]*',
    doc: 'Describes the answer that replaces the built-in page of a status.',
    parse(words, context) {
      if (!words.includes('status'))
        throw new ConfigError("http-error : status code not defined, use 'status'.");
      const reply = parseReply(words, 1, 0, ['status'], Phase.REQUEST_HTTP, context);
      if (reply.next < words.length)
        throw new ConfigError(`http-error : unknown argument '${words[reply.next]!}'.`);
      const status = errorCode(String(reply.status), 'http-error');
      const { errors } = proxyOf(context);
      if (reply.defaultErrors) errors.delete(status);
      else errors.set(status, { status, raw: '', make: reply.make, source: 'http-error' });
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
