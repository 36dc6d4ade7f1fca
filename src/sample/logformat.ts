// A compiled log-format string (manual 8.2.6): for logs, header values, replies and names.

import type { Line } from './line.ts';
import type { StreamContext } from './context.ts';

export interface LogFormat {
  readonly source: string;
  /** The text where the format is constant, else null. */
  readonly constant: string | null;
  readonly needsHttp: boolean;
  /** Renders to latin1 text. */
  render(stream: StreamContext): string;
  /** The same, into a log line. */
  write(stream: StreamContext, line: Line): void;
}
