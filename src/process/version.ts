// What -v and -vv print. The first line is read by many tools: `HAProxy version X`.

import { EMULATED_VERSION, PRODUCT_VERSION, RELEASE_DATE, VERSION } from '../version.ts';
import { featureList } from '../config/features.ts';
import { knownNames } from '../registry/known-keywords.ts';

export function versionLine(): string {
  return `HAProxy version ${VERSION} ${RELEASE_DATE} - Hawser ${PRODUCT_VERSION}, compatible with HAProxy ${EMULATED_VERSION}\n`;
}

/** -vv: `reactor` says which door to the kernel would be used and why. */
export function longVersion(reactor: string): string {
  return (
    versionLine() +
    `Status: development\nBuild options :\n  TARGET  = linux-glibc\n  NODE    = ${process.version}\n\n` +
    `Feature list : ${featureList()}\n\n` +
    'Default settings :\n  bufsize = 16384, maxrewrite = 1024, maxpollevents = 200\n\n' +
    `Available polling systems :\n     io_uring : pref=400, test result OK\n      epoll : pref=300,  test result OK\nTotal: 2 (2 usable), ${reactor}.\n\n` +
    "Available multiplexer protocols :\n(protocols marked as <default> cannot be specified using 'proto' keyword)\n" +
    '  <default> : mode=HTTP  side=FE|BE  mux=H1    flags=HTX\n         h1 : mode=HTTP  side=FE|BE  mux=H1    flags=HTX\n' +
    '  <default> : mode=TCP   side=FE|BE  mux=PASS  flags=\n       none : mode=TCP   side=FE|BE  mux=PASS  flags=\n\n' +
    'Available services : prometheus-exporter\n\nAvailable filters :\n\t[BWLIM] bwlim-in\n\t[BWLIM] bwlim-out\n\n' +
    `Keywords of HAProxy known by name : ${knownNames('global').size} global, ${knownNames('proxy').size} proxy, ` +
    `${knownNames('bind').size} bind, ${knownNames('server').size} server, ${knownNames('fetch').size} fetches, ${knownNames('converter').size} converters\n`
  );
}
