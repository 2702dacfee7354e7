import { setTimeout as passes } from 'node:timers/promises';
import { peerNames, ttl, type Cluster } from './cluster.js';
import { now } from './history.js';
import type { PeerStatus } from './peer-process.js';

/**
 * By when all must be as configured when all is healed, in milliseconds: two ttl,
 * and 6 s for what comes one after the other at worst: etcd ends a session half a
 * second late, a link tries again after two seconds at most, a session is opened
 * after a second of jitter and two of back-off.
 */
export const timeToConverge = 2 * ttl * 1_000 + 6_000;

/**
 * Waits until all is as configured, and each volume takes a write there.
 *
 * @returns what is in the way when the time is over; undefined if nothing is
 */
export async function converge(
  cluster: Cluster,
  within: number,
): Promise<string | undefined> {
  const { note } = cluster.records;
  const end = performance.now() + within;
  for (const name of peerNames) void cluster.reload(name);
  let last = 'nobody was asked';
  while (performance.now() < end) {
    const obstacle = await obstacleIn(cluster);
    if (obstacle === undefined) {
      note({ at: now(), type: 'converged' });
      return undefined;
    }
    if (obstacle !== last)
      note({ at: now(), type: 'obstacle', what: obstacle });
    last = obstacle;
    await passes(50);
  }
  return last;
}

/** The first thing that is otherwise than configured. */
async function obstacleIn(cluster: Cluster): Promise<string | undefined> {
  for (const name of peerNames) {
    const status = await cluster
      .peer(name)
      .status()
      .catch((thrown: unknown) => String(thrown));
    if (typeof status === 'string') return status;
    const obstacle = obstacleAt(name, status, cluster.volumesOf(name));
    if (obstacle !== undefined) return obstacle;
  }
  for (const name of peerNames) {
    const volumes = cluster.volumesOf(name);
    const { refused } = await cluster
      .peer(name)
      .ask('touch', { volumes }, 10_000)
      .catch(() => ({ refused: volumes }));
    const [first] = refused as readonly string[];
    if (first !== undefined) return `${name} refuses a write to ${first}`;
  }
  return undefined;
}

function obstacleAt(
  name: string,
  { open, waiting, failed, degraded, busy, ready }: PeerStatus,
  volumes: readonly string[],
): string | undefined {
  const [wanted, opened] = [new Set(volumes), new Set(open)];
  const missing = volumes.filter((volume) => !opened.has(volume));
  const more = open.filter((volume) => !wanted.has(volume));
  if (missing.length > 0) return `${name} does not serve ${list(missing)}`;
  if (more.length > 0) return `${name} serves ${list(more)}, unasked`;
  if (waiting.length > 0) return `${name} waits for ${list(waiting)}`;
  if (failed > 0 || degraded) return `${name} is degraded, ${failed} failed`;
  if (busy || !ready) return `${name} is ${busy ? 'busy' : 'not ready'}`;
  return undefined;
}

function list(volumes: readonly string[]): string {
  const more = volumes.length > 4 ? ` and ${volumes.length - 4} more` : '';
  return volumes.slice(0, 4).join(', ') + more;
}
