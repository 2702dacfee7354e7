import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { conf, type Peer } from './cluster.js';
import {
  happening,
  kind,
  names,
  placed,
  volumes,
  type Placed,
} from './happening.js';
import { History } from './history.js';

/** Of a peer, at the end. */
function endOf({ coordinator }: Peer): object {
  const { waiting, failed, unknown, degraded, participants } =
    coordinator.snapshot();
  const { isHealthy } = coordinator;
  const held = volumes.filter(
    (volume) => coordinator.leaseOf(volume) !== undefined,
  );
  const { served } = participants[0]!;
  return { waiting, failed, unknown, degraded, isHealthy, served, held };
}

/** What that has to be. */
function wellEnded(goal: Placed): object {
  return Object.fromEntries(
    names.map((name) => {
      const own = volumes.filter((volume) => goal[volume] === name);
      const nothing = { waiting: [], failed: [], unknown: [], degraded: false };
      return [name, { ...nothing, isHealthy: true, served: own, held: own }];
    }),
  );
}

function endsOf({ peers }: History): object {
  return Object.fromEntries(
    names.map((name) => [name, endOf(peers[name])] as const),
  );
}

const isLong = process.env['TRANSITIONS_TEST_LONG'] === '1';

it(
  'I32 I33 I36 I38 whatever happens to peers and store, one peer at most uses a volume, and all is as configured when it is over',
  async () => {
    // In which kinds of transition losses were told.
    const toldIn = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        placed,
        fc.array(happening, { maxLength: 25 }),
        placed,
        kind,
        async (first, happenings, last, each) => {
          const history = new History(toldIn, each);
          for (const name of names) {
            await history.peers[name].up(conf(name, first));
          }
          for (const what of happenings) await history.happens(what);
          await history.heal(last);
          expect(endsOf(history)).toEqual(wellEnded(last));
          expect(history.violations).toEqual([]);
        },
      ),
      {
        numRuns: isLong ? 5_000 : 300,
        // To shrink one takes minutes; it is run again by its seed and path.
        endOnFailure: isLong,
        ...(isLong ? {} : { seed: 2 }),
      },
    );
    expect([...toldIn].sort()).toEqual(['down', 'lost', 'signaled']);
  },
  isLong ? 3_600_000 : 60_000,
);
