import type { PeerProcess } from './peer-process.js';
import { Placements, small, type Placement } from './placements.js';

const { moved } = new Placements(small);

/** What one move of volumes from a peer to the other took, in milliseconds. */
export interface Move {
  /** Of each volume, from its unserveVolume to its serveVolume. */
  readonly gaps: readonly number[];
  /** From the last unserveVolume to the first serveVolume. */
  readonly toFirst: number;
  /** From the last unserveVolume to the last serveVolume. */
  readonly toLast: number;
}

/**
 * Moves volumes from the first peer to the second and back again. The peer that
 * gets them has its configuration first, and waits for them; so what is measured
 * is the hand-over, not how soon a configuration comes.
 */
export async function moveToAndFro(
  [first, second]: readonly [PeerProcess, PeerProcess],
  which: Exclude<Placement, 'apart'>,
): Promise<Move[]> {
  const volumes = moved[which];
  return [
    await move(first, second, which, volumes),
    await move(second, first, 'apart', volumes),
  ];
}

async function move(
  from: PeerProcess,
  to: PeerProcess,
  placement: Placement,
  volumes: readonly string[],
): Promise<Move> {
  await to.reload(placement);
  await from.reload(placement);
  const unserved = volumes.map((volume) => from.unserved.get(volume)!);
  const last = Math.max(...unserved);
  await to.serves(volumes, Math.min(...unserved));
  const served = volumes.map((volume) => to.served.get(volume)!);
  return {
    gaps: served.map((at, index) => at - unserved[index]!),
    toFirst: Math.min(...served) - last,
    toLast: Math.max(...served) - last,
  };
}
