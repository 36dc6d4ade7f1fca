import { defineCommand, parseCount, refuse, withServer, type Command } from '../command.ts';
import { findProxy } from '../view.ts';

export const setMaxconn: readonly Command[] = [
  defineCommand({
    words: ['set', 'maxconn', 'frontend'],
    usage: 'set maxconn frontend <frontend> <value>',
    doc: "change a frontend's maxconn setting",
    level: 'admin',
    run(call) {
      const [name, value] = call.args;
      if (name === undefined) return refuse(call, 'A frontend name is expected.');
      const proxy = findProxy(call.view, name, 'frontend');
      if (proxy === null) return refuse(call, 'No such frontend.');
      if (value === undefined) return refuse(call, 'Integer value expected.');
      const maxconn = parseCount(value);
      if (maxconn < 0) return refuse(call, 'Value out of range.');
      proxy.setMaxconn(maxconn);
      return [];
    },
  }),
  defineCommand({
    words: ['set', 'maxconn', 'global'],
    usage: 'set maxconn global <value>',
    doc: 'change the per-process maxconn setting',
    level: 'admin',
    run(call) {
      const value = call.args[0];
      if (value === undefined) return refuse(call, 'Expects an integer value.');
      const maxconn = parseCount(value);
      if (maxconn < 0 || !call.view.setMaxconn(maxconn)) return refuse(call, 'Value out of range.');
      return [];
    },
  }),
  defineCommand({
    words: ['set', 'maxconn', 'server'],
    usage: 'set maxconn server <bk>/<srv>',
    doc: "change a server's maxconn setting",
    level: 'admin',
    run: (call) =>
      withServer(call, (server) => {
        const value = call.args[1];
        if (value === undefined) return 'Require <maxconn>.';
        const maxconn = parseCount(value);
        if (maxconn < 0) return 'maxconn string empty or preceded by garbage';
        return server.setMaxconn(maxconn);
      }),
  }),
];
