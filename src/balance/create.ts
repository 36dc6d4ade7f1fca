// From a parsed `balance` line to its algorithm.

import type { Farm } from '../backend/backend.ts';
import type { Balancer, BalanceSettings } from './balance.ts';
import { First } from './first.ts';
import { hasher } from './hash.ts';
import { ExpressionKey } from './hash-expression.ts';
import { Hashed, type HashKey } from './hashed.ts';
import { HeaderKey } from './hdr.ts';
import { LeastConnections } from './leastconn.ts';
import { RandomDraws, randomSource, type RandomSource } from './random.ts';
import { RdpCookieKey } from './rdp-cookie.ts';
import { RoundRobin } from './roundrobin.ts';
import { SourceKey } from './source.ts';
import { StaticRoundRobin } from './static-rr.ts';
import { UriKey } from './uri.ts';
import { UrlParamKey } from './url-param.ts';

const HASHING = ['source', 'uri', 'url_param', 'hdr', 'rdp-cookie', 'hash'];

/** What is wrong with a `balance` or `hash-type` line, or null. For the configuration check. */
export function balanceProblem(settings: BalanceSettings): string | null {
  if (settings.hashFunction === 'wt6' && isHashing(settings)) {
    return "'hash-type': the function 'wt6' is not supported; use sdbm, djb2, crc32 or none";
  }
  if (settings.algorithm === 'hash' && settings.expression === null)
    return "'balance hash' needs an expression";
  return isKnown(settings.algorithm)
    ? null
    : `'balance': the algorithm '${settings.algorithm}' is not supported`;
}

/** Whether a server's weight may move at run time to values other than 0 and the initial one. */
export function isDynamic(settings: BalanceSettings): boolean {
  if (isHashing(settings)) return settings.consistent;
  return settings.algorithm !== 'static-rr';
}

/** Whether what a request says decides on its server. */
export function isHashing(settings: BalanceSettings): boolean {
  return HASHING.includes(settings.algorithm);
}

function isKnown(algorithm: string): boolean {
  const others = ['roundrobin', 'static-rr', 'leastconn', 'first', 'random'];
  return others.includes(algorithm) || HASHING.includes(algorithm);
}

/** Makes a backend's balancer. Throws on settings that `balanceProblem` refuses. */
export function createBalancer(
  farm: Farm,
  random: RandomSource = randomSource((Math.random() * 0xffffffff) | 0),
): Balancer {
  const settings = farm.config.balance;
  const problem = balanceProblem(settings);
  if (problem !== null) throw new Error(problem);
  switch (settings.algorithm) {
    case 'roundrobin':
      return new RoundRobin(farm);
    case 'static-rr':
      return new StaticRoundRobin(farm);
    case 'leastconn':
      return new LeastConnections(farm);
    case 'first':
      return new First(farm);
    case 'random':
      return new RandomDraws(farm, settings.draws, settings.hashBalanceFactor, random);
    default:
      return new Hashed(farm, settings, hashKey(settings));
  }
}

function hashKey(settings: BalanceSettings): HashKey {
  const hash = hasher(settings.hashFunction);
  switch (settings.algorithm) {
    case 'source':
      return new SourceKey();
    case 'uri':
      return new UriKey(settings, hash);
    case 'url_param':
      return new UrlParamKey(settings.name, settings.checkPost, hash);
    case 'hdr':
      return new HeaderKey(settings.name, settings.useDomainOnly, hash);
    case 'rdp-cookie':
      return new RdpCookieKey(settings.name, hash);
    default:
      return new ExpressionKey(settings.expression!, hash);
  }
}
