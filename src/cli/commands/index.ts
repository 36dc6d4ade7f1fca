// All commands, in the order `help` lists them.

import type { Command } from '../command.ts';
import addMap from './add-map.ts';
import clearCounters, { clearCountersServer } from './clear-counters.ts';
import debugDevBug from './debug-dev-bug.ts';
import delMap from './del-map.ts';
import echo from './echo.ts';
import { experimentalMode, expertMode } from './expert-mode.ts';
import { frontends } from './frontends.ts';
import getMap from './get-map.ts';
import help from './help.ts';
import { operator, user } from './level.ts';
import mapVersions from './map-versions.ts';
import prompt from './prompt.ts';
import quit from './quit.ts';
import { setMaxconn } from './set-maxconn.ts';
import setMap from './set-map.ts';
import setRateLimit from './set-rate-limit.ts';
import setServer from './set-server.ts';
import { setSession } from './set-session.ts';
import { publishing } from './publish.ts';
import showBackend from './show-backend.ts';
import { showCliLevel, showCliSockets } from './show-cli.ts';
import showEnv from './show-env.ts';
import showErrors from './show-errors.ts';
import showEvents from './show-events.ts';
import showInfo from './show-info.ts';
import showMap from './show-map.ts';
import showSchema from './show-schema.ts';
import { showServersConn, showServersState } from './show-servers.ts';
import showSess from './show-sess.ts';
import showStartupLogs from './show-startup-logs.ts';
import showStat from './show-stat.ts';
import showVersion from './show-version.ts';
import { shutdownSession, shutdownSessionsServer } from './shutdown-session.ts';
import { switchServer } from './switch-server.ts';
import { variableCommands } from './variables.ts';
import wait from './wait.ts';
import { getWeight, setWeightCommand } from './weight.ts';

const sorted: Command[] = [
  ...addMap,
  clearCounters,
  clearCountersServer,
  debugDevBug,
  ...delMap,
  echo,
  expertMode,
  experimentalMode,
  ...frontends,
  ...publishing,
  ...getMap,
  getWeight,
  ...mapVersions,
  operator,
  setMap,
  ...setMaxconn,
  setRateLimit,
  setServer,
  ...setSession,
  setWeightCommand,
  showBackend,
  showCliLevel,
  showCliSockets,
  showEnv,
  showErrors,
  showEvents,
  showInfo,
  ...showMap,
  showSchema,
  showServersConn,
  showServersState,
  showSess,
  showStartupLogs,
  showStat,
  showVersion,
  shutdownSession,
  shutdownSessionsServer,
  ...switchServer,
  user,
  ...variableCommands,
  wait,
].sort((a, b) => (a.usage < b.usage ? -1 : 1));

export const commands: readonly Command[] = [...sorted, help, prompt, quit];
