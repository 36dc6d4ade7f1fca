// Where events go that are not about one proxy: stdout, stderr or a ring (manual 7.3.1, debug).

import type { LogRing } from '../core/log-ring.ts';
import type { SlabBuffer } from '../core/slab.ts';
import type { LogRingConfig } from '../config/model.ts';
import type { LogIdentity } from './header.ts';
import { HEADER_ROOM, TargetFilter } from './target.ts';
import { writeNow } from './write-now.ts';

/** HAProxy stores events as emergencies. */
const EMERG = 0;

export class EventSink {
  private readonly filter: TargetFilter;
  private readonly ring: LogRing | null;
  private readonly line: SlabBuffer;

  /** `length`: the longest line of stdout and stderr, bytes; a ring has its own. */
  constructor(
    name: string,
    config: LogRingConfig | null,
    ring: LogRing | null,
    length: number,
    identity: LogIdentity,
  ) {
    const most = config?.maxlen ?? length;
    this.ring = ring;
    this.filter = new TargetFilter(
      {
        profile: null,
        transport: config === null ? 'fd' : 'ring',
        ring: config,
        address: null,
        fd: name === 'stdout' ? 1 : 2,
        length: most,
        format: config?.format ?? 'raw',
        formatGiven: false,
        facility: 0,
        level: 7,
        minLevel: 0,
        sample: null,
        position: { file: '', line: 0 },
      },
      identity,
    );
    this.line = Buffer.alloc(most + HEADER_ROOM) as SlabBuffer;
  }

  /** False: the line is lost. */
  write(text: string, wallMs: number): boolean {
    const length = this.filter.format(this.line, 0, EMERG, text, wallMs);
    // Lines in a ring have their length with them, and no line end.
    if (this.ring !== null) return this.ring.write(this.line, 0, length - 1);
    return writeNow(this.filter.target.fd, this.line, 0, length) === length;
  }
}
