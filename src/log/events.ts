// Messages of the control thread to the log targets of the proxy they are about.

import type { LogTarget } from '../config/model.ts';
import type { SlabBuffer } from '../core/slab.ts';
import type { LogIdentity } from './header.ts';
import { HEADER_ROOM, TargetFilter } from './target.ts';

export interface EventLogOptions extends LogIdentity {
  /** Sends one datagram or writes to a descriptor; must not block. False: it was lost. */
  deliver(target: LogTarget, line: Buffer): boolean;
  dropped(): void;
}

/** Sends control-thread messages to a proxy's targets. */
export class EventLog {
  private readonly filters: TargetFilter[];
  private readonly options: EventLogOptions;
  private readonly line: SlabBuffer;

  constructor(targets: readonly LogTarget[], options: EventLogOptions) {
    this.options = options;
    this.filters = targets.map((target) => new TargetFilter(target, options));
    this.line = Buffer.alloc(
      Math.max(0, ...targets.map((target) => target.length)) + HEADER_ROOM,
    ) as SlabBuffer;
  }

  /** `level`: 0 emerg to 7 debug. */
  send(level: number, text: string, wallMs: number): void {
    for (const filter of this.filters) {
      if (!filter.accepts(level)) continue;
      const length = filter.format(this.line, 0, level, text, wallMs);
      if (!this.options.deliver(filter.target, this.line.subarray(0, length))) this.options.dropped();
    }
  }
}
