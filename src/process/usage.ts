import { versionLine } from './version.ts';

/** What the program prints when it is called without a configuration. */
export function usage(): string {
  return (
    `${versionLine()}Usage : hawser [-f <cfgfile|cfgdir>]* [ -vdVD ] [ -n <maxconn> ] [ -N <maxpconn> ]\n` +
    '        [ -p <pidfile> ] [ -m <max megs> ] [ -C <dir> ] [-- <cfgfile>*]\n' +
    '        -v displays the version ; -vv shows known build options.\n' +
    '        -vq/-vqs/-vqb only displays the version, its short form, its branch.\n' +
    '        -d enters debug mode ; -db only disables background mode.\n' +
    '        -V enters verbose mode (disables quiet mode)\n' +
    '        -D goes daemon ; -C changes to <dir> before loading files.\n' +
    '        -W master-worker mode, -Ws with notify.\n' +
    '        -S <bind>[,<bind options>...] new master CLI\n' +
    '        -q quiet mode : no messages but errors\n' +
    '        -c check mode : only checks the configuration and exits\n' +
    '        -cc <cond> : evaluates a condition and exits with 0 (true), 1 (false) or 2 (error)\n' +
    '        -n sets the maximum total number of connections\n' +
    '        -p writes the process id to this file\n' +
    '        -L sets the local peer name\n' +
    '        -dC[key] dumps the tokenized configuration, -dK<classes> lists known keywords\n' +
    '        -dW fails when warnings were found, -dD enables diagnostic warnings\n' +
    '        -de disables epoll() usage, -du disables io_uring usage\n' +
    '        -sf/-st [pid ]* finishes/terminates old pids.\n' +
    '        -x <unix_socket> gets the listening sockets from a unix socket\n'
  );
}
