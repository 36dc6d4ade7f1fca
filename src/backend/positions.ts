// Where a backend's load balancing stands, in shared memory: all data threads continue one sequence, as if there were
// only one of them.

/** Int32 fields of the whole backend. */
export const Position = {
  /** Guards what takes more than one word to move (see core/lock.ts). */
  LOCK: 0,
  /** roundrobin: picks so far. static-rr: the next place. A ring without a key: its next position. leastconn: moves so far. */
  AT: 1,
  /** 1 where several data threads choose; a lone one needs no lock. */
  SHARED: 2,
  SIZE: 3,
} as const;

/** Int32 fields of each server, behind those of the backend; `turnAt` tells where. */
export const Turn = {
  /** roundrobin: the weight that PLACE and REST were made with. */
  WEIGHT: 0,
  /** roundrobin: when its turn comes, in picks (0: it never served since it is in use), and the rest of the division. */
  PLACE: 1,
  REST: 2,
  /** roundrobin: the last pick that it served. leastconn: the move that last changed its load. */
  MOVED: 3,
  SIZE: 4,
} as const;

/** Bytes of the positions of a backend with `servers` servers. */
export function positionBytes(servers: number): number {
  return (Position.SIZE + servers * Turn.SIZE) * 4;
}

/** Index of the first field of the server with `index`. */
export function turnAt(index: number): number {
  return Position.SIZE + index * Turn.SIZE;
}
