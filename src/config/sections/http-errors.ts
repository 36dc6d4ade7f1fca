// `http-errors`: pages that proxies and rules may refer to (manual 12.4).

import { ConfigError } from '../../registry/define.ts';
import { KeywordContext, type LoadState } from '../context.ts';
import { errorCode, readPage } from '../error-file.ts';
import type { ErrorReply } from '../model.ts';
import type { LinePosition, SectionHandler } from '../reader.ts';

export class HttpErrorsSection implements SectionHandler {
  private readonly state: LoadState;
  /** Null after a section line that could not be understood. */
  private pages: Map<number, ErrorReply> | null = null;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    const { config, diagnostics } = this.state;
    const name = words[1];
    if (name === undefined) diagnostics.alert(position, 'missing name for http-errors section.');
    else if (config.httpErrors.has(name)) {
      diagnostics.alert(position, `http-errors section '${name}' already exists.`);
    } else config.httpErrors.set(name, (this.pages = new Map()));
  }

  keyword(words: readonly string[], position: LinePosition): void {
    const { pages } = this;
    if (pages === null) return;
    const context = new KeywordContext(this.state, position, null);
    const [name = '', code, path] = words;
    if (name !== 'errorfile') {
      context.alert(`unknown keyword '${name}' in 'http-errors' section`);
      return;
    }
    try {
      if (path === undefined) {
        throw new ConfigError('errorfile: expects <status_code> and <file> as arguments.');
      }
      const status = errorCode(code, 'errorfile');
      pages.set(status, readPage(status, path, context));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      context.alert(error.message, error.frame);
    }
  }

  end(): void {}
}
