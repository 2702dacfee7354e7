import { readFile } from 'node:fs/promises';
import type { ServingEntry } from '../participants/serving-journal.js';

/** From when to when a peer served a volume, in milliseconds of the machine's monotonic clock. */
export interface Serving {
  readonly volume: string;
  readonly peer: string;
  readonly from: number;
  /** Infinity while it does, and where its process ended before it could say. */
  readonly to: number;
}

/** Two servers of one volume at one time. */
export interface Overlap {
  readonly volume: string;
  readonly peers: readonly [string, string];
  readonly milliseconds: number;
}

/** Reads the journals of all peers; a file that is not there has no lines. */
export async function readServings(
  paths: readonly string[],
): Promise<Serving[]> {
  const texts = await Promise.all(
    paths.map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) =>
    servingsOf(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as ServingEntry),
    ),
  );
}

/** What the journal of one peer says. @throws Error where it contradicts itself. */
export function servingsOf(journal: readonly ServingEntry[]): Serving[] {
  const servings: Serving[] = [];
  const open = new Map<string, ServingEntry>();
  for (const entry of journal) {
    const { volume, peer } = entry;
    const begun = open.get(volume);
    if ((begun === undefined) !== (entry.event === 'serve')) {
      throw new Error(
        `${peer} has ${entry.event} of ${volume} twice in a row, at ${entry.time}`,
      );
    }
    if (begun === undefined) {
      open.set(volume, entry);
      continue;
    }
    open.delete(volume);
    servings.push({ volume, peer, from: ms(begun), to: ms(entry) });
  }
  for (const begun of open.values()) {
    const { volume, peer } = begun;
    servings.push({ volume, peer, from: ms(begun), to: Infinity });
  }
  return servings;
}

/** Every pair of servings of one volume by two peers that have a moment in common. */
export function findOverlaps(servings: readonly Serving[]): Overlap[] {
  return [...byVolume(servings)].flatMap(([volume, all]) =>
    all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter(({ peer, from }) => peer !== one.peer && from < one.to)
        .map((other) => ({
          volume,
          peers: [one.peer, other.peer] as const,
          milliseconds: Math.min(one.to, other.to) - other.from,
        })),
    ),
  );
}

/** For each time that a volume came to another peer, how long it had no server; negative where it had two. */
export function findMoves(servings: readonly Serving[]): number[] {
  return [...byVolume(servings).values()].flatMap((all) =>
    all
      .slice(1)
      .map((next, index) => [all[index]!, next] as const)
      .filter(([before, next]) => before.peer !== next.peer)
      .map(([before, next]) => next.from - before.to),
  );
}

/** By volume, in the order in which they began. */
function byVolume(servings: readonly Serving[]): Map<string, Serving[]> {
  const volumes = new Map<string, Serving[]>();
  for (const serving of servings.toSorted((a, b) => a.from - b.from)) {
    const all = volumes.get(serving.volume);
    if (all === undefined) volumes.set(serving.volume, [serving]);
    else all.push(serving);
  }
  return volumes;
}

function ms({ at }: ServingEntry): number {
  return Number(BigInt(at) / 1_000n) / 1_000;
}
