// The stats sockets of the process. A reload opens what is new, closes what is gone, and leaves the others with their
// connections; what changed about one (level, limits) holds for its next connections.

import { CliServer, type CliAddress, type CliListenOptions } from '../cli/server.ts';
import { RunningView } from './control-view.ts';
import { commands } from '../cli/commands/index.ts';
import { giveSockets, type KeyedSocket } from './handover.ts';
import { hostText } from '../config/socket-address.ts';
import type { CliSocketRow } from '../cli/view.ts';
import type { BindConfig, Config, StatsSocketConfig } from '../config/model.ts';
import type { Running } from './running.ts';

export class StatsSockets {
  /** For `show cli sockets`. */
  rows: readonly CliSocketRow[] = [];
  private readonly server: CliServer;
  private readonly sockets: () => readonly KeyedSocket[];

  /** `sockets`: those that `expose-fd listeners` hands over. */
  constructor(running: Running, sockets: () => readonly KeyedSocket[]) {
    this.server = CliServer.ofCommands(new RunningView(running), commands, { timeoutMs: 0, maxconn: 0 });
    this.sockets = sockets;
  }

  /** Connections now. */
  get connections(): number {
    return this.server.connections;
  }

  /** Opens what `config` has and is not open yet. The text says what cannot be opened; nothing new stays open then. */
  async open(config: Config): Promise<string | null> {
    const opened: string[] = [];
    for (const socket of config.global.statsSockets) {
      const options = this.optionsOf(socket);
      try {
        if (await this.server.listen(options)) opened.push(CliServer.keyOf(options.address));
      } catch (error) {
        for (const key of opened) this.server.closeListener(key);
        const { file, line } = socket.bind.position;
        const { code } = error as NodeJS.ErrnoException;
        const reason = code === 'EADDRINUSE' ? 'Address already in use' : (error as Error).message;
        const host = hostText(socket.bind.address);
        return `Binding [${file}:${line}] for frontend GLOBAL: cannot bind UNIX socket (${reason}) [${host}]`;
      }
    }
    return null;
  }

  /** The configuration holds: closes what it has not, and takes over what it says about the others. */
  settle(config: Config): void {
    const { statsSockets, statsTimeoutMs, statsMaxconn } = config.global;
    this.server.settle(
      statsSockets.map((socket) => this.optionsOf(socket)),
      { timeoutMs: statsTimeoutMs, maxconn: statsMaxconn },
    );
    this.rows = statsSockets.map(({ bind }) => ({ name: nameOf(bind), level: bind.level }));
  }

  /** Connections in progress end when they are done. */
  close(): void {
    this.server.close(false);
  }

  private optionsOf({ bind }: StatsSocketConfig): CliListenOptions {
    const { kind, fd, portLow } = bind.address;
    const host = hostText(bind.address);
    const address: CliAddress =
      kind === 'fd'
        ? { kind: 'fd', fd }
        : kind === 'inet'
          ? { kind: 'tcp', host, port: portLow }
          : { kind: 'unix', path: kind === 'unix' ? host : `\0${host}` };
    const { level, severityOutput, mode, uid, gid } = bind;
    const handover = bind.exposeFdListeners
      ? { handover: (to: number) => giveSockets(to, this.sockets()) }
      : {};
    return { address, level, severity: severityOutput, mode, uid, gid, ...handover };
  }
}

/** `unix@/path`, `ipv4@127.0.0.1:99`. */
function nameOf({ address }: BindConfig): string {
  const host = hostText(address);
  if (address.kind === 'unix') return `unix@${host}`;
  if (address.kind === 'inet') return `${host.includes(':') ? 'ipv6' : 'ipv4'}@${host}:${address.portLow}`;
  return address.text;
}
