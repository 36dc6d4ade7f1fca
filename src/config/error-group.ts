// Pages that proxies take from http-errors sections, which may stand anywhere in the configuration (manual 12.4).

import type { ParseContext } from '../registry/define.ts';
import type { ErrorReply } from './model.ts';

/** The page of one status: known once everything is read. */
export class GroupReply implements ErrorReply {
  readonly status: number;
  readonly source: string;
  raw: string | null = null;
  make: ErrorReply['make'] = null;

  constructor(status: number, group: string) {
    this.status = status;
    this.source = group;
  }

  take(page: ErrorReply | undefined): void {
    if (page === undefined) return;
    this.raw = page.raw;
    this.make = page.make;
  }
}

/**
 * Puts the pages of section `name` for `statuses` into the proxy's. What it had before stays where the section has none.
 * `named`: the configuration asks for these very statuses, so one that is missing is worth a warning.
 */
export function takeGroup(
  name: string,
  statuses: Iterable<number>,
  named: boolean,
  errors: Map<number, ErrorReply>,
  context: ParseContext,
): void {
  const { config, position } = context;
  const place = `(at ${position.file}:${position.line})`;
  const entries: { readonly entry: GroupReply; readonly before: ErrorReply | undefined }[] = [];
  for (const status of statuses) {
    const entry = new GroupReply(status, name);
    entries.push({ entry, before: errors.get(status) });
    errors.set(status, entry);
  }
  context.later(() => {
    const group = config.httpErrors.get(name);
    // A defaults section that nobody uses may refer to nothing.
    const user = config.proxies.find((proxy) => entries.some(({ entry }) => uses(proxy.errors, entry)));
    if (user !== undefined && group === undefined) {
      context.alertPlain(`proxy '${user.name}': unknown http-errors section '${name}' ${place}.`);
    }
    for (const { entry, before } of entries) {
      const page = group?.get(entry.status);
      entry.take(page ?? before);
      if (named && user !== undefined && group !== undefined && page === undefined) {
        const missing = `status '${entry.status}' not declared in http-errors section '${name}'`;
        context.warnPlain(`proxy '${user.name}' : ${missing} ${place}.`);
      }
    }
  });
}

const uses = (errors: ReadonlyMap<number, ErrorReply>, entry: ErrorReply): boolean =>
  errors.get(entry.status) === entry;
