import { setTimeout as passes } from 'node:timers/promises';
import { ttl, type Cluster } from './cluster.js';
import { now } from './history.js';

const many = Array.from({ length: 1_000 }, (_, index) => `w${index}`);

/** One group of a thousand volumes, at peer a, and a small one at each other peer. */
export const wideGroups = { wide: many, x: ['x1'], y: ['y1'] };

/** So many bytes of what the end of all those claims takes on the wire. */
const inTheMiddle = 10_000;
const soon = 1_000;

/**
 * All keys of a session go in one revision, and the stream of changes that tells
 * of it is cut in the middle: first that of the peer whose they were, then, while
 * that one stands still, that of another one that waits for all of them.
 */
export async function wideRound(cluster: Cluster): Promise<void> {
  await revokeAndCut(cluster, 'a');
  await passes(ttl * 1_000);
  cluster.peer('a').signal('SIGSTOP');
  cluster.place('wide', 'b');
  await cluster.reload('b');
  await revokeAndCut(cluster, 'b');
  await passes(ttl * 1_000);
  cluster.peer('a').signal('SIGCONT');
}

/** @throws Error where the stream was not cut: then nothing was tried. */
async function revokeAndCut(cluster: Cluster, peer: string): Promise<void> {
  const what = `+0 ms revokeMany the session of a, and cut ${peer}`;
  cluster.records.note({ at: now(), type: 'fault', what });
  const cut = cluster.link(peer).cutAfter(inTheMiddle);
  await cluster.operator.revokeHolderOf(many[0]!);
  const late = passes(soon).then(() => {
    throw new Error(`The link of ${peer} was not cut within ${soon} ms`);
  });
  await Promise.race([cut, late]);
  late.catch(() => {});
}
