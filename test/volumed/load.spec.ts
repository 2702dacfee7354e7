import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { findMoves, findOverlaps, formatReport, runDemo } from 'volumed/demo';
import { makeFolder } from './cluster.fixture.js';

const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const size = long
  ? { requests: 200_000, groups: 10, rounds: 5, clients: 24 }
  : { requests: 2_000, groups: 2, rounds: 2, clients: 8 };

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
