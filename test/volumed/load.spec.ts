import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { findMoves, findOverlaps, formatReport, runDemo } from 'volumed/demo';
import { hasEtcd } from '../leases/etcd-process.js';
import { makeFolder } from './cluster.fixture.js';

const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const size = long
  ? { requests: 200_000, groups: 10, rounds: 5, clients: 24 }
  : { requests: 800, groups: 2, rounds: 2, clients: 8 };

it(`${size.requests} requests are all answered while volumes move ${size.groups * size.rounds * 2} times, and no volume has two servers`, async () => {
  const folder = await makeFolder();
  const seen = await runDemo({ ...size, folder });
  const { atRest, moving, servings } = seen;
  if (long) console.log(formatReport(seen));
  expect([...atRest.failures, ...moving.failures]).toEqual([]);
  expect(findOverlaps(servings)).toEqual([]);
  expect(findMoves(servings)).toHaveLength(size.groups * size.rounds * 2);
  expect(atRest.requests + moving.requests).toBeGreaterThanOrEqual(
    size.requests,
  );
  // Otherwise no request came for a volume while it moved.
  expect(moving.retried).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
}, 1_800_000);

it.skipIf(!hasEtcd)(
  `with leases ${size.requests} requests are all answered while volumes move ${size.groups * size.rounds * 2} times by plain reloads and one peer is killed, and no volume has two servers (F62, F63)`,
  async () => {
    const folder = await makeFolder();
    const seen = await runDemo({ ...size, folder, etcd: 'own' });
    const { atRest, moving, servings, killed } = seen;
    if (long) console.log(formatReport(seen));
    expect([...atRest.failures, ...moving.failures]).toEqual([]);
    expect(findOverlaps(servings)).toEqual([]);
    const { at, volumes } = killed!;
    const [before, after] = [
      servings.filter(({ from }) => from < at),
      servings.filter(({ to }) => to >= at),
    ];
    expect(findMoves(before)).toHaveLength(size.groups * size.rounds * 2);
    expect(findMoves(after)).toHaveLength(volumes);
    expect(volumes).toBeGreaterThan(0);
    // Nobody wrote down that these ended.
    expect(servings.filter(({ to }) => to === at)).toHaveLength(volumes);
    expect(atRest.requests + moving.requests).toBeGreaterThanOrEqual(
      size.requests,
    );
    // Otherwise no request came while a volume moved, or to the peer that is gone.
    expect(moving.retried).toBeGreaterThan(0);
    expect(moving.broken).toBeGreaterThan(0);
    expect(formatReport(seen)).toMatch(
      /\n0 of [\d,]+ requests were answered wrongly\.\n$/,
    );
    await rm(folder, { recursive: true });
  },
  1_800_000,
);
