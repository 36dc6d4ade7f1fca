// enable/disable/shutdown frontend.

import { defineCommand, refuse, type Call, type Command } from '../command.ts';
import { findProxy, type ProxyControl } from '../view.ts';

function withFrontend(call: Call, change: (proxy: ProxyControl) => string | void): string[] {
  const name = call.args[0];
  if (name === undefined) return refuse(call, 'A frontend name is expected.');
  const proxy = findProxy(call.view, name, 'frontend');
  if (proxy === null) return refuse(call, 'No such frontend.');
  const refusal = change(proxy);
  return typeof refusal === 'string' ? refuse(call, refusal) : [];
}

export const frontends: readonly Command[] = [
  defineCommand({
    words: ['disable', 'frontend'],
    usage: 'disable frontend <frontend>',
    doc: 'temporarily disable specific frontend',
    level: 'admin',
    run: (call) =>
      withFrontend(call, (proxy) => {
        if (proxy.frontendState === 'STOP') return 'Frontend was previously shut down, cannot disable.';
        if (proxy.frontendState === 'PAUSED') return 'All sockets are already disabled.';
        return proxy.pause();
      }),
  }),
  defineCommand({
    words: ['enable', 'frontend'],
    usage: 'enable frontend <frontend>',
    doc: 're-enable specific frontend',
    level: 'admin',
    run: (call) =>
      withFrontend(call, (proxy) => {
        if (proxy.frontendState === 'STOP') return 'Frontend was previously shut down, cannot enable.';
        if (proxy.frontendState === 'OPEN') return 'All sockets are already enabled.';
        return proxy.resume();
      }),
  }),
  defineCommand({
    words: ['shutdown', 'frontend'],
    usage: 'shutdown frontend <frontend>',
    doc: 'stop a specific frontend',
    level: 'admin',
    run: (call) =>
      withFrontend(call, (proxy) => {
        if (proxy.frontendState === 'STOP') return 'Frontend was already shut down.';
        return proxy.shutdown();
      }),
  }),
];
