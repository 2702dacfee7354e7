import { PeerProcess } from './peer-process.js';
import { large, Placements } from './placements.js';

/** What it takes until another peer serves what a peer that goes down has served, in milliseconds. */
export interface TakeOver {
  /** From the beginning of the Down to the first serveVolume at the other peer. */
  readonly toFirst: number;
  /** The same to the last serveVolume. */
  readonly toLast: number;
  /** The longest block of the event loop of the other peer, from the reload that has it wait. */
  readonly longestBlock: number;
}

const volumes = new Placements(large).moved['all moved'];

/** A peer waits for all volumes of another one, which goes down then. */
export async function takeOver(endpoint: string): Promise<TakeOver> {
  await using first = new PeerProcess(0, endpoint, large);
  await using second = new PeerProcess(1, endpoint, large);
  await Promise.all([first.up(), second.up()]);
  second.watch();
  await second.reload('all moved');
  const begunAt = await first.down();
  await second.serves(volumes, begunAt);
  const served = volumes.map((volume) => second.served.get(volume)! - begunAt);
  return {
    toFirst: served.reduce((least, at) => Math.min(least, at)),
    toLast: served.reduce((most, at) => Math.max(most, at)),
    longestBlock: second.longestBlock,
  };
}
