import { setTimeout as passes } from 'node:timers/promises';
import { Chance } from '../simulation/chance.js';
import { peerNames, ttl, type Cluster } from './cluster.js';
import type { Groups } from './configurations.js';
import { now } from './history.js';
import type { Healing, LinkState } from './link-proxy.js';

/** One thing that is done to a cluster: plain data, which a seed decides. */
export interface Fault {
  /** In milliseconds from the beginning of the round. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly peer: string;
  readonly group: string;
  readonly volume: string;
  /** How long it lasts, in milliseconds. */
  readonly length: number;
  readonly link: LinkState;
  readonly healing: Healing;
  /** How long after each other peers are told, in milliseconds. */
  readonly lags: readonly number[];
}

type Effect = (cluster: Cluster, fault: Fault) => Promise<void>;

/** What each kind does, and undoes when its time is over. */
const effects = {
  /** kill -9, and a new process. */
  kill: async (cluster, { peer, length }) => {
    cluster.peer(peer).kill();
    await cluster.peer(peer).gone;
    await passes(length / 2);
    cluster.boot(peer);
  },
  /** SIGTERM, and a new process. */
  down: async (cluster, { peer }) => {
    const leaving = cluster.peer(peer);
    leaving.signal('SIGTERM');
    await Promise.race([leaving.gone, passes(5_000)]);
    leaving.kill();
    await leaving.gone;
    cluster.boot(peer);
  },
  /** SIGSTOP and SIGCONT. */
  stop: async (cluster, { peer, length }) => {
    const stopped = cluster.peer(peer);
    stopped.signal('SIGSTOP');
    await passes(length);
    stopped.signal('SIGCONT');
  },
  /** The link of a peer to etcd is in trouble. */
  cut: async (cluster, { peer, length, link, healing }) => {
    cluster.link(peer).set(link);
    await passes(length);
    cluster.link(peer).heal(healing);
  },
  /** A peer is cut off, and what it has is given to another. */
  failOver: async (cluster, { peer, length, link, healing, lags }) => {
    cluster.link(peer).set(link);
    await giveAway(cluster, peer, lags);
    await passes(length);
    cluster.link(peer).heal(healing);
  },
  /** A peer stands still, perhaps in the middle of a write, and what it has is given to another. */
  stopAndMove: async (cluster, { peer, length, lags }) => {
    const stopped = cluster.peer(peer);
    stopped.signal('SIGSTOP');
    await giveAway(cluster, peer, lags);
    await passes(length);
    stopped.signal('SIGCONT');
  },
  /** A group is given to another peer; the peers hear of it one after the other. */
  move: async (cluster, { group, peer, lags }) => {
    cluster.place(group, peer);
    await tell(cluster, lags);
  },
  /** It is given away, and back soon after. */
  moveAndBack: async (cluster, { group, peer, lags }) => {
    const before = cluster.placed.get(group)!;
    cluster.place(group, peer);
    await tell(cluster, lags);
    cluster.place(group, before);
    await tell(cluster, lags.toReversed());
  },
  /** A group is given to a peer that is cut off when it is free, and taken away again while the claim is on its way. */
  moveIntoTrouble: async (cluster, { group, peer, link, healing, lags }) => {
    const before = cluster.placed.get(group)!;
    cluster.place(group, peer);
    await Promise.race([cluster.reload(before), passes(1_000)]);
    cluster.link(peer).set(link);
    void cluster.reload(peer);
    await passes(lags[0]);
    cluster.place(group, before);
    await tell(cluster, lags);
    cluster.link(peer).heal(healing);
  },
  /** What a peer unserves fails: it keeps the volume. */
  unserveFails: async (cluster, { peer, length }) => {
    const failing = cluster.peer(peer);
    failing.tell('fail', { unserve: true });
    await passes(length);
    failing.tell('fail', { unserve: false });
  },
  /** etcd is killed, and started again at once. */
  etcdRestart: (cluster) => cluster.restartEtcd(0),
  /** etcd is killed, and started again when all sessions are over. */
  etcdAway: (cluster) => cluster.restartEtcd(1.5 * ttl * 1_000),
  /** etcd stands still. */
  etcdPause: async (cluster, { length }) => {
    await cluster.etcd.pause();
    await passes(length);
    cluster.etcd.resume();
  },
  /** By hand. */
  revoke: async (cluster, { volume }) => {
    await cluster.operator.revokeHolderOf(volume);
  },
  deleteKey: async (cluster, { volume }) => {
    await cluster.operator.take(volume, false);
  },
  overwriteKey: async (cluster, { volume }) => {
    await cluster.operator.take(volume, true);
  },
  /** etcd forgets what was before, and streams of changes that are behind it break. */
  compact: (cluster) => cluster.operator.compact(),
} satisfies Record<string, Effect>;

export type FaultKind = keyof typeof effects;

export const faultKinds = Object.keys(effects) as readonly FaultKind[];
const ofEtcd: readonly FaultKind[] = ['etcdRestart', 'etcdAway', 'etcdPause'];
const troubles: readonly LinkState[] = [
  'refused',
  'silent',
  'requestsHeld',
  'repliesHeld',
  'slow',
];

/** When the last fault of a round begins, in milliseconds. */
const lastFaultAt = 5_000;

/** The faults of a round, by the time at which they begin: at most one of etcd. */
export function drawFaults(chance: Chance, groups: Groups): readonly Fault[] {
  // Of all kinds some: so some are rare together, and others frequent.
  const peers = faultKinds.filter(
    (kind) => !ofEtcd.includes(kind) && chance.happens(0.5),
  );
  const kinds = ['move' as const, ...peers];
  const count = Math.floor(chance.between(4, 12));
  const faults = Array.from({ length: count }, () =>
    drawFault(chance, chance.oneOf(kinds), groups),
  );
  if (chance.happens(0.5)) {
    faults.push(drawFault(chance, chance.oneOf(ofEtcd), groups));
  }
  return faults.sort((one, other) => one.at - other.at);
}

function drawFault(chance: Chance, kind: FaultKind, groups: Groups): Fault {
  const group = chance.oneOf(Object.keys(groups));
  return {
    at: Math.round(chance.between(0, lastFaultAt)),
    kind,
    peer: chance.oneOf(peerNames),
    group,
    volume: chance.oneOf(groups[group]!),
    length: chance.oneOf([0.5, 1, 3]) * ttl * 1_000,
    link: chance.oneOf(troubles),
    healing: chance.oneOf(['flush', 'break']),
    lags: peerNames.map(() => Math.round(chance.between(0, 500))),
  };
}

/** Does all of it. Resolves when each is over; some may not have been possible. */
export async function wreak(
  cluster: Cluster,
  faults: readonly Fault[],
): Promise<void> {
  await Promise.all(
    faults.map(async (fault) => {
      await passes(fault.at);
      const what = describeFault(fault);
      cluster.records.note({ at: now(), type: 'fault', what });
      const effect: Effect = effects[fault.kind];
      await effect(cluster, fault).catch((thrown: unknown) => {
        const why = `${fault.kind} was not possible: ${String(thrown)}`;
        cluster.records.note({ at: now(), type: 'fault', what: why });
      });
    }),
  );
}

/** A line of it, with what matters for its kind. */
export function describeFault(fault: Fault): string {
  const { at, kind, peer, group, volume, length, link, healing } = fault;
  const about: Record<FaultKind, string> = {
    kill: `${peer} for ${length / 2} ms`,
    down: peer,
    stop: `${peer} for ${length} ms`,
    stopAndMove: `${peer} for ${length} ms`,
    cut: `${peer} ${link} for ${length} ms, then ${healing}`,
    failOver: `${peer} ${link} for ${length} ms, then ${healing}`,
    move: `${group} to ${peer}`,
    moveAndBack: `${group} to ${peer}`,
    moveIntoTrouble: `${group} to ${peer} ${link}, then ${healing}`,
    unserveFails: `at ${peer} for ${length} ms`,
    etcdRestart: '',
    etcdAway: '',
    etcdPause: `for ${length} ms`,
    revoke: `the session of ${volume}`,
    deleteKey: volume,
    overwriteKey: volume,
    compact: '',
  };
  return `+${at} ms ${kind} ${about[kind]}`.trimEnd();
}

/** What a peer has is given to another. */
async function giveAway(
  cluster: Cluster,
  peer: string,
  lags: readonly number[],
): Promise<void> {
  const other = peerNames[(peerNames.indexOf(peer) + 1) % peerNames.length]!;
  for (const [group, at] of cluster.placed) {
    if (at === peer) cluster.place(group, other);
  }
  await tell(cluster, lags);
}

/** Each peer hears of the configuration, after its lag. Those with an odd one supersede what runs. */
async function tell(cluster: Cluster, lags: readonly number[]): Promise<void> {
  await Promise.all(
    peerNames.map(async (name, index) => {
      await passes(lags[index]);
      void cluster.reload(name, lags[index]! % 2 === 1);
    }),
  );
}
