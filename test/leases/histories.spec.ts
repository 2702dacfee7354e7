import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { conf } from './cluster.js';
import { happening, kind, names, placed } from './happening.js';
import { History, wellEnded } from './history.js';

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
          expect(await history.heal(last)).toEqual(wellEnded(last));
          expect(history.violations).toEqual([]);
        },
      ),
      {
        numRuns: isLong ? 5_000 : 300,
        ...(isLong ? {} : { seed: 2 }),
      },
    );
    expect([...toldIn].sort()).toEqual(['down', 'lost', 'signaled']);
  },
  isLong ? 3_600_000 : 60_000,
);
