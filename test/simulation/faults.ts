import type { Chance } from './chance.js';
import { peerNames, volumeNames, type Cluster } from './cluster.js';

/** One thing that happens to a cluster: plain data, so that a run can be cut down to what matters. */
export interface Fault {
  /** In true milliseconds from the start of the run. */
  readonly at: number;
  readonly kind: FaultKind;
  readonly peer: string;
  readonly volume: string;
  /** How long it lasts, in milliseconds. */
  readonly length: number;
  /** A second peer, or a size between 0 and 1, where the kind needs one. */
  readonly other: string;
  readonly size: number;
}

type Effect = (cluster: Cluster, fault: Fault) => void;

/** What each kind does, and undoes when its time is over. */
const effects = {
  /** A volume is given to another peer; the peers hear of it one after the other. */
  move: (cluster, { volume, other, size }) => {
    cluster.configure([[volume, other]], size * 1_500);
  },
  /** It is given away and back soon after. */
  moveAndBack: (cluster, { volume, other, size, length }) => {
    const before = cluster.configuration.peerOf.get(volume)!;
    cluster.configure([[volume, other]], 100);
    cluster.timeline.after(Math.min(length, 3_000), () =>
      cluster.configure([[volume, before]], size * 1_500),
    );
  },
  /** A peer is cut off from the store, in one direction or both. */
  cut: (cluster, { peer, length, size }) => {
    const link = cluster.linkOf(cluster.machine(peer));
    if (size < 0.66) link.cutOut = true;
    if (size > 0.33) link.cutIn = true;
    cluster.timeline.after(length, () => {
      link.cutOut = false;
      link.cutIn = false;
    });
  },
  /** A peer is cut off, and an operator gives its volumes to another. */
  failOver: (cluster, { peer, other, length }) => {
    const link = cluster.linkOf(cluster.machine(peer));
    link.cutOut = true;
    link.cutIn = true;
    cluster.timeline.after(length, () => {
      link.cutOut = false;
      link.cutIn = false;
    });
    const moved = [...cluster.configuration.peerOf]
      .filter(([, owner]) => owner === peer)
      .map(([volume]) => [volume, other] as const);
    cluster.configure(moved, 200);
  },
  /** SIGSTOP and SIGCONT. */
  stop: (cluster, { peer, length }) => cluster.machine(peer).stop(length),
  /** The machine sleeps. */
  sleep: (cluster, { peer, length }) => cluster.machine(peer).sleep(length),
  /** kill -9, and a new process. */
  crash: (cluster, { peer, length }) => {
    const machine = cluster.machine(peer);
    cluster.kill(machine);
    cluster.timeline.after(length / 2, () => cluster.boot(machine));
  },
  /** SIGTERM, and a new process. */
  down: (cluster, { peer }) => {
    const goDown = (): void => void cluster.process(peer)?.goDown();
    cluster.timeline.after(0, goDown, cluster.machine(peer));
  },
  restartStore: (cluster, { length }) => cluster.store.restart(length / 2),
  stopStore: (cluster, { length }) => cluster.store.stop(length),
  /** An empty store is in the place of the one there was. */
  wipeStore: (cluster) => {
    if (cluster.laws.isUnconfirmed) return;
    cluster.laws.isUnconfirmed = true;
    cluster.store.wipe('store-2');
  },
  /** Whoever does not follow at once what changes is told that it is compacted. */
  compactStore: (cluster, { length }) => cluster.store.compact(length),
  /** A wall clock is set forwards: a little, or by up to an hour. */
  setWall: (cluster, { peer, length, size }) => {
    cluster.machine(peer).stepWall(size < 0.5 ? length : 400 * length);
  },
  setWallBack: (cluster, { peer, length, size }) => {
    cluster.machine(peer).stepWall(-(size < 0.5 ? length : 400 * length));
  },
  /** An operator revokes a session. */
  revoke: (cluster, { volume }) => cluster.store.revokeHolderOf(volume),
  deleteKey: (cluster, { volume }) => cluster.store.deleteKey(volume),
  expireKey: (cluster, { volume }) => cluster.store.expireKey(volume),
  /** Somebody who plays by no rules takes a volume, until an operator sees it. */
  overwrite: (cluster, { volume, length }) => {
    cluster.store.overwriteKey(volume);
    cluster.timeline.after(length, () =>
      cluster.store.deleteStrangersKey(volume),
    );
  },
  unserveFails: (cluster, { peer, length }) => {
    const process = cluster.process(peer);
    if (process === undefined) return;
    process.unserveFails = true;
    cluster.timeline.after(length, () => {
      process.unserveFails = false;
    });
  },
} satisfies Record<string, Effect>;

export type FaultKind = keyof typeof effects;

export const faultKinds = Object.keys(effects) as FaultKind[];

/** Has the fault happen at its time. */
export function arrange(cluster: Cluster, fault: Fault): void {
  cluster.timeline.plan(fault.at, () => {
    const { kind, peer, volume, length } = fault;
    cluster.trace(`fault ${kind} ${peer} ${volume} ${Math.round(length)} ms`);
    effects[kind](cluster, fault);
  });
}

/** Faults of these kinds, one after the other, over by the end. */
export function drawFaults(
  chance: Chance,
  kinds: readonly FaultKind[],
  end: number,
): Fault[] {
  const faults: Fault[] = [];
  const pace = chance.between(400, 3_000);
  for (let at = 500; ;) {
    at += chance.between(50, pace);
    if (at > end - 1_000) return faults;
    const length = Math.min(chance.between(100, 9_000), end - at);
    faults.push(drawFault(chance, kinds, at, length));
  }
}

/** Faults that are shorter than a quarter of the ttl, with time between them. */
export function drawShortFaults(
  chance: Chance,
  ttl: number,
  end: number,
): Fault[] {
  const faults: Fault[] = [];
  for (let at = ttl; ;) {
    at += ttl * chance.between(1.5, 3);
    if (at > end - ttl) return faults;
    const isOfClocks = chance.happens(0.3);
    const kinds = isOfClocks ? shortOfClocks : shortKinds;
    const longest = isOfClocks ? 0.08 : 0.25;
    const length = ttl * chance.between(0, longest);
    const fault = drawFault(chance, kinds, at, length);
    faults.push({ ...fault, size: fault.size / 2 });
  }
}

const shortKinds: readonly FaultKind[] = [
  'cut',
  'stop',
  'restartStore',
  'stopStore',
];
/** Of these a tenth of the ttl is allowed for. */
const shortOfClocks: readonly FaultKind[] = ['sleep', 'setWall', 'setWallBack'];

function drawFault(
  chance: Chance,
  kinds: readonly FaultKind[],
  at: number,
  length: number,
): Fault {
  return {
    at,
    kind: chance.oneOf(kinds),
    peer: chance.oneOf(peerNames),
    other: chance.oneOf(peerNames),
    volume: chance.oneOf(volumeNames),
    length,
    size: chance.next(),
  };
}
