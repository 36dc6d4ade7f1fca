// State transitions of servers, made by the control thread: administrative ones from the command line, operational
// ones from health checks, and what tracking servers inherit of both. Each transition writes the shared block, bumps
// the backend's VERSION so that data threads rebuild, moves queued streams, and logs in HAProxy's words.

import type { LogLevel } from '../config/model.ts';
import { isDynamic } from '../balance/create.ts';
import { ProxyInt, ServerInt } from '../core/shared.ts';
import type { Backend } from './backend.ts';
import { Operational, WEIGHT_SCALE, type Server } from './server.ts';
import { Admin } from '../core/server-admin.ts';

/** What the keeper needs of the process. */
export interface StateEnvironment {
  /** A line for the log targets of `backend`. */
  log(backend: Backend, level: LogLevel, text: string): void;
  /** Process milliseconds. */
  now(): number;
}

const ALERT = 1;
const NOTICE = 5;

/** One server and its place. */
interface Seat {
  readonly server: Server;
  readonly backend: Backend;
  readonly trackers: Seat[];
  tracked: Seat | null;
}

/** Makes all transitions. One per process, in the control thread, over that thread's own `Backend` objects. */
export class StateKeeper {
  private readonly environment: StateEnvironment;
  private readonly seats = new Map<Server, Seat>();
  private readonly backends: Backend[] = [];
  private quiet = false;
  private readonly listeners: ((server: Server) => void)[] = [];

  constructor(environment: StateEnvironment) {
    this.environment = environment;
  }

  /** Adds a backend. Call `link` once all are there. */
  add(backend: Backend): void {
    this.backends.push(backend);
    for (const server of backend.servers)
      this.seats.set(server, { server, backend, trackers: [], tracked: null });
    this.recount(backend);
  }

  /** Resolves `track [backend/]server` and lets trackers inherit. Throws on an unknown name or a circle. */
  link(): void {
    for (const seat of this.seats.values()) {
      const name = seat.server.config.track;
      if (name === null || seat.tracked !== null) continue;
      const slash = name.indexOf('/');
      const backendName = slash < 0 ? seat.backend.config.name : name.slice(0, slash);
      const target = this.backends
        .find((backend) => backend.config.name === backendName)
        ?.serverByName(name.slice(slash + 1));
      if (target === undefined || target === null) throw new Error(`unable to find '${name}' for tracking`);
      seat.tracked = this.seats.get(target)!;
      for (let up: Seat | null = seat.tracked; up !== null; up = up.tracked) {
        if (up === seat) throw new Error(`'${name}' is tracked in a circle`);
      }
      seat.tracked.trackers.push(seat);
    }
    for (const seat of this.seats.values()) {
      if (seat.tracked !== null && seat.tracked.server.inMaintenance) {
        seat.server.ints[ServerInt.ADMIN]! |= Admin.INHERITED_MAINT;
        seat.server.ints[ServerInt.OPERATIONAL] = Operational.STOPPED;
        this.recount(seat.backend);
      }
    }
  }

  /** The backend of a server. */
  backendOf(server: Server): Backend {
    return this.seats.get(server)!.backend;
  }

  /** `handler` is called when a server leaves maintenance, so that its checks start anew. */
  onReady(handler: (server: Server) => void): void {
    this.listeners.push(handler);
  }

  /** Runs `change` without log lines of its transitions: it restores what was said when it happened. */
  quietly(change: () => void): void {
    this.quiet = true;
    change();
    this.quiet = false;
  }

  /** `disable server`, `set server state maint`. */
  setMaintenance(server: Server): void {
    const seat = this.seats.get(server)!;
    const before = server.admin;
    if ((before & Admin.FORCED_MAINT) !== 0) return;
    server.ints[ServerInt.ADMIN] = before | Admin.FORCED_MAINT;
    if ((before & Admin.MAINT) === 0) this.enterMaintenance(seat, null);
  }

  /** `set server state drain`. A server in forced maintenance leaves it. */
  setDrain(server: Server): void {
    const seat = this.seats.get(server)!;
    if ((server.admin & Admin.FORCED_DRAIN) !== 0) return;
    this.leaveMaintenance(seat);
    server.ints[ServerInt.ADMIN]! |= Admin.FORCED_DRAIN;
    this.enterDrain(seat, null);
  }

  /** `enable server`, `set server state ready`: leaves forced maintenance and forced drain. */
  setReady(server: Server): void {
    const seat = this.seats.get(server)!;
    this.leaveMaintenance(seat);
    if ((server.admin & Admin.FORCED_DRAIN) === 0) return;
    server.ints[ServerInt.ADMIN]! &= ~Admin.FORCED_DRAIN;
    this.leaveDrain(seat);
  }

  /**
   * `set weight`: 0..256, or a percentage of the initial weight. Null, or what is wrong with it.
   * The whole of the text counts.
   */
  setWeight(server: Server, text: string): string | null {
    const seat = this.seats.get(server)!;
    const number = /^(\d+)(%?)$/.exec(text);
    if (number === null) return 'Empty weight string empty or preceded by garbage';
    const initial = server.ints[ServerInt.WEIGHT_INITIAL]!;
    let weight = Number(number[1]);
    if (number[2] === '%') weight = Math.min(256, Math.floor((initial * weight) / 100));
    else if (weight > 256) return 'Absolute weight can only be between 0 and 256 inclusive.';
    if (weight !== 0 && weight !== initial && !isDynamic(seat.backend.config.balance)) {
      return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.";
    }
    server.ints[ServerInt.WEIGHT_USER] = weight;
    this.applyWeight(seat);
    this.publish(seat.backend);
    return null;
  }

  /** `set maxconn server`: a wider server serves its waiters at once. */
  setMaxconn(server: Server, maxconn: number): void {
    const { backend } = this.seats.get(server)!;
    server.ints[ServerInt.MAXCONN] = maxconn;
    this.publish(backend);
    backend.queue.pump(server);
  }

  /**
   * Health: a check's verdict or `set server health`. `cause` is what the log line says after the state, for
   * example ', reason: Layer4 timeout, check duration: 5ms' or ', changed from CLI'. Trackers follow.
   */
  setHealth(server: Server, state: 'up' | 'stopping' | 'down', cause: string): void {
    const seat = this.seats.get(server)!;
    if (server.inMaintenance) return;
    this.moveHealth(seat, state, cause, null);
  }

  /** Climbs slow starts. Call at every check and at least each second. */
  tick(): void {
    for (const seat of this.seats.values()) {
      if (seat.server.ints[ServerInt.SLOWSTART_FROM] === 0) continue;
      this.applyWeight(seat);
      this.publish(seat.backend);
      if (seat.backend.queue.hasWaiters(seat.server)) seat.backend.queue.pump(seat.server);
    }
  }

  private moveHealth(seat: Seat, state: 'up' | 'stopping' | 'down', cause: string, via: Seat | null): void {
    const { server } = seat;
    const before = server.operational;
    if (server.inMaintenance) return;
    const through = via === null ? '' : ` via ${nameOf(via)}`;
    if (state === 'down') {
      if (before === Operational.STOPPED) return;
      this.goDown(seat, `is DOWN${through}${cause}`, before === Operational.STOPPING ? NOTICE : ALERT);
      if (server.config.onMarkedDown === 'shutdown-sessions')
        Atomics.add(server.ints, ServerInt.SHUTDOWN_VERSION, 1);
    } else if (state === 'stopping') {
      if (before === Operational.STOPPING) return;
      this.enter(seat, Operational.STOPPING);
      const moved = this.redistribute(seat);
      this.say(seat, NOTICE, `is stopping${through}${cause}${this.online(seat, moved)}`);
    } else {
      if (before === Operational.RUNNING || before === Operational.STARTING) return;
      this.goUp(seat, before);
      this.say(seat, NOTICE, `is UP${through}${cause}${this.online(seat, 0)}`);
    }
    for (const tracker of seat.trackers) this.moveHealth(tracker, state, '', seat);
  }

  private goUp(seat: Seat, before: number): void {
    const { server, backend } = seat;
    const slow = server.config.slowstartMs > 0 && before === Operational.STOPPED;
    server.ints[ServerInt.SLOWSTART_FROM] = slow ? this.environment.now() | 0 || 1 : 0;
    this.applyWeight(seat);
    this.enter(seat, slow ? Operational.STARTING : Operational.RUNNING);
    if (server.config.onMarkedUp === 'shutdown-backup-sessions' && !server.backup && server.eligible) {
      for (const other of backend.servers) {
        if (other.backup) Atomics.add(other.ints, ServerInt.SHUTDOWN_VERSION, 1);
      }
    }
    backend.queue.pump(server);
  }

  private goDown(seat: Seat, words: string, level: LogLevel): void {
    const { server, backend } = seat;
    const hadServers = this.count(backend) > 0;
    server.ints[ServerInt.SLOWSTART_FROM] = 0;
    server.ints[ServerInt.CHECK_DOWNS]!++;
    this.enter(seat, Operational.STOPPED);
    const moved = this.redistribute(seat);
    const left = backend.ints[ProxyInt.QUEUED]!;
    this.say(
      seat,
      level,
      `${words}. ${this.counts(backend)} left.${this.onBackup(backend)} ${server.current} sessions active, ` +
        `${moved} requeued, ${left} remaining in queue.`,
    );
    this.sayIfEmpty(backend, hadServers);
  }

  /** After a server left, in whatever way: was it the last one? */
  private sayIfEmpty(backend: Backend, hadServers: boolean): void {
    if (hadServers && this.count(backend) === 0) {
      backend.ints[ProxyInt.DOWN_TRANSITIONS]!++;
      this.environment.log(
        backend,
        0,
        `${backend.config.kind === 'listen' ? 'proxy' : 'backend'} ${backend.config.name} has no server available!`,
      );
    }
  }

  private enterMaintenance(seat: Seat, via: Seat | null): void {
    seat.server.ints[ServerInt.CHECK_HEALTH] = 0;
    const { server } = seat;
    if (server.operational === Operational.STOPPED) {
      this.publish(seat.backend);
      this.say(seat, NOTICE, 'was DOWN and now enters maintenance.');
    } else {
      const through = via === null ? '' : ` via ${nameOf(via)}`;
      this.goDown(seat, `is going DOWN for maintenance${through}`, ALERT);
    }
    if (server.config.onMarkedDown === 'shutdown-sessions')
      Atomics.add(server.ints, ServerInt.SHUTDOWN_VERSION, 1);
    for (const tracker of seat.trackers) {
      const before = tracker.server.admin;
      tracker.server.ints[ServerInt.ADMIN] = before | Admin.INHERITED_MAINT;
      if ((before & Admin.MAINT) === 0) this.enterMaintenance(tracker, seat);
    }
  }

  /** Leaves forced maintenance, or for a tracker the inherited one. */
  private leaveMaintenance(seat: Seat, inherited = false): void {
    const { server } = seat;
    const bits = inherited ? Admin.INHERITED_MAINT : Admin.FORCED_MAINT;
    if ((server.admin & bits) === 0) return;
    server.ints[ServerInt.ADMIN]! &= ~bits;
    if (server.inMaintenance) return;
    const tracked = seat.tracked?.server;
    const up = tracked === undefined || tracked.acceptsPersistent;
    if (up) this.goUp(seat, Operational.STOPPED);
    else this.publish(seat.backend);
    const forced = inherited ? '' : 'forced ';
    this.say(seat, NOTICE, `is ${up ? 'UP' : 'DOWN'}/READY (leaving ${forced}maintenance).`);
    for (const handler of this.listeners) handler(server);
    for (const tracker of seat.trackers) this.leaveMaintenance(tracker, true);
  }

  private enterDrain(seat: Seat, via: Seat | null): void {
    const hadServers = this.count(seat.backend) > 0;
    this.publish(seat.backend);
    const moved = this.redistribute(seat);
    const through = via === null ? '' : ` via ${nameOf(via)}`;
    this.say(seat, NOTICE, `enters drain state${through}${this.online(seat, moved)}`);
    this.sayIfEmpty(seat.backend, hadServers);
    for (const tracker of seat.trackers) {
      const before = tracker.server.admin;
      tracker.server.ints[ServerInt.ADMIN] = before | Admin.INHERITED_DRAIN;
      if ((before & Admin.DRAIN) === 0) this.enterDrain(tracker, seat);
    }
  }

  private leaveDrain(seat: Seat): void {
    if ((seat.server.admin & Admin.DRAIN) !== 0) return;
    this.publish(seat.backend);
    seat.backend.queue.pump(seat.server);
    const state = seat.server.acceptsPersistent ? 'UP' : 'DOWN';
    this.say(seat, NOTICE, `is ${state} (leaving forced drain).`);
    for (const tracker of seat.trackers) {
      tracker.server.ints[ServerInt.ADMIN]! &= ~Admin.INHERITED_DRAIN;
      this.leaveDrain(tracker);
    }
  }

  /** The effective weight from the user's, the share of slow start that has passed included. */
  private applyWeight(seat: Seat): void {
    const { ints, config } = seat.server;
    const full = ints[ServerInt.WEIGHT_USER]! * WEIGHT_SCALE;
    let weight = full;
    if (ints[ServerInt.SLOWSTART_FROM] !== 0) {
      const passed = ((this.environment.now() | 0) - ints[ServerInt.SLOWSTART_FROM]!) | 0;
      if (passed >= config.slowstartMs) {
        ints[ServerInt.SLOWSTART_FROM] = 0;
        if (ints[ServerInt.OPERATIONAL] === Operational.STARTING) {
          ints[ServerInt.OPERATIONAL] = Operational.RUNNING;
        }
      } else {
        weight = Math.max(Math.min(full, 1), Math.floor((full * passed) / config.slowstartMs));
      }
    }
    if (ints[ServerInt.WEIGHT_EFFECTIVE] === weight) return;
    ints[ServerInt.WEIGHT_EFFECTIVE] = weight;
    seat.server.touch();
  }

  private enter(seat: Seat, state: number): void {
    const second = Math.floor(this.environment.now() / 1000);
    const { ints } = seat.server;
    if (ints[ServerInt.OPERATIONAL] === Operational.STOPPED && state !== Operational.STOPPED) {
      ints[ServerInt.DOWN_SECONDS]! += second - ints[ServerInt.LAST_CHANGE]!;
    }
    ints[ServerInt.OPERATIONAL] = state;
    seat.server.touch();
    ints[ServerInt.LAST_CHANGE] = second;
    this.publish(seat.backend);
  }

  /** After any change: counts first, then the version, so that whoever sees the version sees the rest. */
  private publish(backend: Backend): void {
    const before = this.count(backend);
    this.recount(backend);
    const after = this.count(backend);
    if ((before === 0) !== (after === 0)) {
      const second = Math.floor(this.environment.now() / 1000);
      if (after > 0) backend.ints[ProxyInt.DOWN_SECONDS]! += second - backend.ints[ProxyInt.LAST_CHANGE]!;
      backend.ints[ProxyInt.LAST_CHANGE] = second;
    }
    Atomics.add(backend.ints, ProxyInt.VERSION, 1);
    backend.sync();
    // Another server may be in use now, a backup or one that has a weight again: those who wait would not hear of it.
    if (backend.queue.length > 0) backend.queue.pumpAll();
  }

  private recount(backend: Backend): void {
    let active = 0;
    let backups = 0;
    for (const server of backend.servers) {
      noteOrder(server, backend.servers);
      if (!server.eligible) continue;
      if (server.backup) backups++;
      else active++;
    }
    backend.ints[ProxyInt.ACTIVE_SERVERS] = active;
    backend.ints[ProxyInt.BACKUP_SERVERS] = backups;
  }

  private redistribute(seat: Seat): number {
    return seat.backend.queue.redistribute(seat.server);
  }

  private count(backend: Backend): number {
    return backend.ints[ProxyInt.ACTIVE_SERVERS]! + backend.ints[ProxyInt.BACKUP_SERVERS]!;
  }

  private counts(backend: Backend): string {
    const { ACTIVE_SERVERS, BACKUP_SERVERS } = ProxyInt;
    return `${backend.ints[ACTIVE_SERVERS]!} active and ${backend.ints[BACKUP_SERVERS]!} backup servers`;
  }

  private onBackup(backend: Backend): string {
    const { ACTIVE_SERVERS, BACKUP_SERVERS } = ProxyInt;
    return backend.ints[ACTIVE_SERVERS]! === 0 && backend.ints[BACKUP_SERVERS]! > 0
      ? ' Running on backup.'
      : '';
  }

  private online(seat: Seat, moved: number): string {
    const { backend } = seat;
    const waiting = backend.ints[ProxyInt.QUEUED]!;
    const running = this.onBackup(backend);
    return `. ${this.counts(backend)} online.${running} ${moved} sessions requeued, ${waiting} total in queue.`;
  }

  private say(seat: Seat, level: LogLevel, words: string): void {
    if (this.quiet) return;
    const kind = seat.server.backup ? 'Backup Server' : 'Server';
    this.environment.log(seat.backend, level, `${kind} ${nameOf(seat)} ${words}`);
  }
}

function nameOf(seat: Seat): string {
  return `${seat.backend.config.name}/${seat.server.name}`;
}

/** Who comes back stands behind all others (balance sticky). */
function noteOrder({ ints, eligible }: Server, servers: readonly Server[]): void {
  if (!eligible) ints[ServerInt.UP_ORDER] = -1;
  else if (ints[ServerInt.UP_ORDER]! < 0) {
    ints[ServerInt.UP_ORDER] = 1 + Math.max(...servers.map((one) => one.ints[ServerInt.UP_ORDER]!), 0);
  }
}
