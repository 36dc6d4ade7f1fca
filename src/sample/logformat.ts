// A compiled log-format string (manual 8.2.6): for logs, header values, replies and names.

import type { StreamContext } from './context.ts';

export interface LogFormat {
  readonly source: string;
  /** The text where the format is constant, else null. */
  readonly constant: string | null;
  readonly needsHttp: boolean;
  /** Renders to latin1 text. */
  render(stream: StreamContext): string;
}
