// errorfile, errorloc, errorloc302, errorloc303: what clients get instead of the built-in error pages.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { ALL, proxyOf } from './common.ts';

const CODES = new Set([
  200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503, 504,
]);

function codeOf(text: string | undefined, keyword: string): number {
  const code = Number(text);
  if (text === undefined || !CODES.has(code)) {
    throw new ConfigError(`${keyword} : status code '${text ?? ''}' not handled.`);
  }
  return code;
}

/** The message with the length that its body really has. */
function withLength(raw: string): string {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return raw;
  const head = raw.slice(0, end).replace(/\r\ncontent-length:[^\r]*/i, '');
  const body = raw.slice(end + 4);
  return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

export default [
  defineKeyword({
    name: 'errorfile',
    sections: ALL,
    usage: 'errorfile <code> <file>',
    doc: 'Sends the file, a complete HTTP message, instead of the built-in page.',
    parse(words, context) {
      if (words[2] === undefined)
        throw new ConfigError('errorfile : expects <status_code> and <file> as arguments.');
      const status = codeOf(words[1], 'errorfile');
      let raw: string;
      try {
        raw = Buffer.from(context.readFile(words[2])).toString('latin1');
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(`errorfile : error opening file '${words[2]}'.`);
      }
      const most = context.config.global.bufsize - context.config.global.maxrewrite;
      if (raw.length > most) {
        context.warn(`errorfile : custom error file '${words[2]}' larger than ${most} bytes. Truncating.`);
        raw = raw.slice(0, most);
      }
      if (raw !== '') {
        const lined = /^[^\n]*\r\n/.test(raw)
          ? raw
          : raw.replace(/\r?\n/g, (feed, at: number) => (at < headEnd(raw) ? '\r\n' : feed));
        if (!/^HTTP\/\d\.\d \d{3}[ \r\n]/.test(lined)) {
          throw new ConfigError(
            `errorfile : unable to convert message in HTX for HTTP return code ${status}.`,
          );
        }
        raw = withLength(lined);
      }
      proxyOf(context).errors.set(status, { status, raw, source: words[2] });
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
        const status = codeOf(words[1], name);
        const line = name === 'errorloc303' ? '303 See Other' : '302 Found';
        proxyOf(context).errors.set(status, {
          status,
          raw: `HTTP/1.1 ${line}\r\ncache-control: no-cache\r\ncontent-length: 0\r\nlocation: ${words[2]}\r\n\r\n`,
          source: words[2],
        });
      },
    }),
  ),
];

/** Where the head of a message with bare line feeds ends. */
function headEnd(raw: string): number {
  const match = /\r?\n\r?\n/.exec(raw);
  return match === null ? raw.length : match.index + match[0].length;
}
