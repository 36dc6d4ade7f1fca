// A proxy and its servers as the stats socket's commands see and change them.

import { ProxyInt, ServerInt, SharedBlock } from '../core/shared.ts';
import { isBack, isFront } from '../config/defaults.ts';
import { keyOf } from './blocks.ts';
import { hostText } from '../config/socket-address.ts';
import type {
  AgentSettings,
  CheckView,
  ListenerView,
  ProxyControl,
  Refusal,
  ServerControl,
} from '../cli/view.ts';
import type { ControlPlane } from './control-plane.ts';
import type { ProxyConfig, ServerConfig } from '../config/model.ts';
import type { Server } from '../backend/server.ts';

class ControlServer implements ServerControl {
  readonly config: ServerConfig;
  readonly block: SharedBlock;
  private readonly plane: ControlPlane;
  private readonly server: Server;

  constructor(plane: ControlPlane, server: Server) {
    this.plane = plane;
    this.server = server;
    this.config = server.config;
    this.block = server.block;
  }

  get address(): string {
    return this.server.addressText === '0.0.0.0' ? '-' : this.server.addressText;
  }

  get cookie(): string | null {
    return this.server.cookie;
  }
  get port(): number {
    return this.server.port;
  }

  get check(): CheckView | null {
    return this.plane.checkView(this.server);
  }

  get agent(): CheckView | null {
    return this.plane.agentView(this.server);
  }

  get checkAddress(): string | null {
    return this.plane.checkerOf(this.server)?.settings.address ?? null;
  }

  get checkPort(): number {
    return this.plane.checkerOf(this.server)?.settings.port ?? this.config.checkPort;
  }

  get agentSettings(): AgentSettings | null {
    return this.plane.agentOf(this.server)?.settings ?? null;
  }

  setState(state: 'ready' | 'drain' | 'maint'): void {
    const { keeper } = this.plane;
    if (state === 'maint') keeper.setMaintenance(this.server);
    else if (state === 'drain') keeper.setDrain(this.server);
    else keeper.setReady(this.server);
    this.plane.passShutdowns();
  }

  setWeight(weight: number): Refusal {
    return this.plane.keeper.setWeight(this.server, String(weight));
  }

  setMaxconn(maxconn: number): void {
    this.plane.keeper.setMaxconn(this.server, maxconn);
  }

  setHealth(health: 'up' | 'stopping' | 'down'): Refusal {
    if (this.config.track !== null) return 'cannot change health on a tracking server.';
    const checker = this.plane.checkerOf(this.server);
    if (checker === null) this.plane.keeper.setHealth(this.server, health, ', changed from CLI');
    else checker.force(health);
    this.plane.passShutdowns();
    return null;
  }

  setAgentHealth(health: 'up' | 'down'): Refusal {
    this.plane.agentOf(this.server)?.force(health);
    this.plane.passShutdowns();
    return null;
  }

  enableCheck(on: boolean): void {
    this.block.ints[ServerInt.CHECK_ENABLED] = on ? 1 : 0;
  }

  enableAgent(on: boolean): void {
    this.block.ints[ServerInt.AGENT_ENABLED] = on ? 1 : 0;
  }

  setCheckAddress(address: string): void {
    const checker = this.plane.checkerOf(this.server);
    if (checker !== null) checker.settings.address = address;
  }

  setCheckPort(port: number): void {
    const checker = this.plane.checkerOf(this.server);
    if (checker !== null) checker.settings.port = port;
  }

  setAddress(address: string | null, port: number | null): void {
    this.plane.setAddress(this.server, address ?? this.server.addressText, port ?? this.server.port);
  }

  shutdownSessions(): void {
    this.plane.shutdownSessions(this.server);
  }
}

export class ControlProxy implements ProxyControl {
  readonly config: ProxyConfig;
  readonly frontend: SharedBlock | null;
  readonly backend: SharedBlock | null;
  readonly servers: readonly ServerControl[];
  readonly listeners: readonly ListenerView[];
  frontendState: 'OPEN' | 'PAUSED' | 'STOP' = 'OPEN';
  private readonly plane: ControlPlane;

  constructor(plane: ControlPlane, config: ProxyConfig) {
    this.plane = plane;
    this.config = config;
    const { blocks } = plane.generation.table;
    const block = (key: string): SharedBlock => new SharedBlock(blocks.get(key)!, 0);
    this.frontend = isFront(config.kind) ? block(keyOf.front(config.name)) : null;
    this.backend = isBack(config.kind) ? block(keyOf.back(config.name)) : null;
    this.servers = (plane.backends.get(config)?.servers ?? []).map(
      (server) => new ControlServer(plane, server),
    );
    this.listeners = config.binds.map((bind) => ({
      bind,
      block: block(keyOf.listener(config.name, bind.id)),
      name: bind.name ?? `sock-${bind.id}`,
      addressText:
        bind.address.kind === 'inet' ? `${hostText(bind.address)}:${bind.address.portLow}` : 'unix',
      status: 'OPEN',
    }));
    if (config.disabled) this.frontendState = 'STOP';
  }

  pause(): void {
    this.frontendState = 'PAUSED';
    this.plane.generation.send({ type: 'frontend', name: this.config.name, accept: false });
    this.plane.say(this.config, 4, `Paused frontend ${this.config.name}.`);
  }

  resume(): void {
    this.frontendState = 'OPEN';
    this.plane.generation.send({ type: 'frontend', name: this.config.name, accept: true });
    this.plane.say(this.config, 4, `Resumed frontend ${this.config.name}.`);
  }

  shutdown(): void {
    this.frontendState = 'STOP';
    this.plane.generation.send({ type: 'frontend', name: this.config.name, accept: false });
  }

  setMaxconn(maxconn: number): void {
    if (this.frontend === null) return;
    const { global } = this.plane.generation.config;
    this.frontend.ints[ProxyInt.MAXCONN] = maxconn > 0 ? maxconn : global.maxconn;
  }
}
