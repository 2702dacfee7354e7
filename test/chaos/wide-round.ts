import { setTimeout as passes } from 'node:timers/promises';
import { ttl, type Cluster } from './cluster.js';
import { now } from './history.js';

const many = Array.from({ length: 1_000 }, (_, index) => `w${index}`);

/** One group of a thousand volumes, at peer a, and a small one at each other peer. */
export const wideGroups = { wide: many, x: ['x1'], y: ['y1'] };

/** So many bytes of the news that a session has ended: a part of it. */
const ofOneEnd = 20;
/** So many bytes of the news of a thousand releases: a part of it. */
const ofReleases = 20_000;
const soon = 1_000;

/**
 * A thousand volumes become free, and the stream of changes that tells of it is cut
 * in the middle. They do so in one revision, as their session ends: it is cut for the
 * peer whose they were, then, while that one stands still, for another one that
 * waits for all of them. And they do so as they are released: it is cut for the
 * first one, which waits for them by then.
 */
export async function wideRound(cluster: Cluster): Promise<void> {
  await cutWhile(cluster, 'a', ofOneEnd, 'revokeMany', () =>
    cluster.operator.revokeHolderOf(many[0]!),
  );
  await passes(ttl * 1_000);
  cluster.peer('a').signal('SIGSTOP');
  cluster.place('wide', 'b');
  await cluster.reload('b');
  await cutWhile(cluster, 'b', ofOneEnd, 'revokeMany', () =>
    cluster.operator.revokeHolderOf(many[0]!),
  );
  await passes(ttl * 1_000);
  cluster.peer('a').signal('SIGCONT');
  await passes(ttl * 1_000);
  cluster.place('wide', 'a');
  await cutWhile(cluster, 'a', ofReleases, 'releaseMany', () =>
    cluster.reload('b'),
  );
}

/** @throws Error where the stream was not cut: then nothing was tried. */
async function cutWhile(
  cluster: Cluster,
  peer: string,
  bytes: number,
  what: string,
  run: () => Promise<unknown>,
): Promise<void> {
  const fault = `+0 ms ${what} and cut ${peer}`;
  cluster.records.note({ at: now(), type: 'fault', what: fault });
  const cut = cluster.link(peer).cutAfter(bytes);
  await run();
  const late = passes(soon).then(() => {
    throw new Error(`The link of ${peer} was not cut within ${soon} ms`);
  });
  await Promise.race([cut, late]);
  late.catch(() => {});
}
