// `ring`: a buffer for log lines, which may be sent on to servers (manual 12.5).

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { ConfigError } from '../../registry/define.ts';
import { KeywordContext, type LoadState } from '../context.ts';
import { newProxy } from '../defaults.ts';
import { newRing } from '../log-ring.ts';
import { parseInteger, parseSize, parseTime } from '../values.ts';
import { proxyKeywords } from '../keywords/index.ts';
import { LOG_FORMATS } from '../log-line.ts';
import type { LinePosition, SectionHandler } from '../reader.ts';
import type { LogRingConfig, LogTargetFormat } from '../model.ts';

/** A length that nobody asks for by intent. */
const SIZE_MAX = 2 ** 30;

export class RingSection implements SectionHandler {
  private readonly state: LoadState;
  /** Null after a section line that could not be understood. */
  private ring: LogRingConfig | null = null;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    const { config, diagnostics } = this.state;
    const name = words[1];
    if (name === undefined) {
      diagnostics.alert(position, 'missing ring name.');
      return;
    }
    const bad = /[^A-Za-z0-9_:.-]/.exec(name);
    const key = `ring@${name}`;
    if (bad !== null) {
      diagnostics.alert(position, `invalid ring name '${name}' (character '${bad[0]}' is not permitted).`);
    } else if (config.logRings.has(key) || ['stdout', 'stderr', 'buf0'].includes(name)) {
      diagnostics.alert(position, `sink named '${name}' already exists.`);
    } else {
      const proxy = newProxy('backend', name, { file: position.file, line: position.line });
      proxy.mode = 'log';
      config.logRings.set(key, (this.ring = newRing(key, name, proxy)));
    }
  }

  keyword(words: readonly string[], position: LinePosition): void {
    const { ring } = this;
    if (ring === null) return;
    const context = new KeywordContext(this.state, position, ring.proxy);
    try {
      readKeyword(ring, words, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      context.alert(error.message, error.frame);
    }
  }

  end(): void {}
}

/** Whether the file, or else its folder, may be written. */
function canCreate(path: string): boolean {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readKeyword(ring: LogRingConfig, words: readonly string[], context: KeywordContext): void {
  const [name = '', value] = words;
  switch (name) {
    case 'description':
      if (value === undefined) throw new ConfigError('missing ring description text.');
      ring.description = value;
      return;
    case 'format':
      if (value === undefined || !LOG_FORMATS.includes(value)) {
        throw new ConfigError(`unknown format '${value ?? ''}'.`);
      }
      ring.format = value as LogTargetFormat;
      return;
    case 'backing-file': {
      if (value === undefined)
        throw new ConfigError("'backing-file' only supports a file name as an argument.");
      const twin = [...context.config.logRings.values()].find(({ backingFile }) => backingFile === value);
      if (twin !== undefined && twin !== ring) {
        throw new ConfigError(`backing-file '${value}' is the one of ring '${twin.name}' already.`);
      }
      // Data threads read the configuration again, when the process may have other rights.
      if (isMainThread && !canCreate(value)) {
        throw new ConfigError(`cannot create backing-file '${value}' for ring '${ring.name}'.`);
      }
      ring.backingFile = value;
      return;
    }
    case 'maxlen': {
      const length = parseInteger(value ?? '');
      if (length.problem === 'character' || length.problem === 'empty' || length.value === 0) {
        throw new ConfigError(`invalid size '${value ?? ''}' for new sink buffer.`);
      }
      if (length.problem !== 'none' || length.value > 65535) {
        throw new ConfigError(`unable to set event max length '${value ?? ''}'.`);
      }
      ring.maxlen = length.value;
      return;
    }
    case 'size': {
      const size = parseSize(value ?? '', SIZE_MAX);
      if (size.problem !== 'none' || size.value === 0) {
        throw new ConfigError(`invalid size '${value ?? ''}' for new sink buffer.`);
      }
      if (size.value < ring.size) {
        context.warn(
          `ignoring new size '${size.value}' that is smaller than current size '${ring.size}' for ring '${ring.name}'.`,
        );
      } else ring.size = size.value;
      return;
    }
    case 'timeout': {
      const time = parseTime(words[2] ?? '');
      if ((value !== 'connect' && value !== 'server') || time.problem !== 'none') {
        throw new ConfigError(`unable to set timeout '${value ?? ''}'.`);
      }
      ring.proxy.timeouts[value] = time.value;
      return;
    }
    case 'server':
      proxyKeywords.get('server')!.parse(words, context, 'set');
      return;
    default:
      throw new ConfigError(`unknown statement '${name}'.`);
  }
}
