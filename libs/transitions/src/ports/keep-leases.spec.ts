import { expect, it } from 'vitest';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import type { LeaseListener } from '../core/leases/lease-ports.js';
import { keepLeases } from './keep-leases.js';

/** A store that cannot be reached. */
const unreachable = {
  describe: () => 'a store that is away',
  openSession: () => Promise.reject(new Error('nobody is there')),
} as Partial<ServingLeases> as ServingLeases;

const listener: LeaseListener = { lost: () => {}, free: () => {} };

/** How many timers keep this process alive. */
const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

it('leases keep the process alive until they end: a worker that serves nothing for a moment does not end by itself', async () => {
  const before = timers();
  const leases = keepLeases(unreachable, undefined)('a', listener);
  leases.start();
  await leases.claim(['v']);
  expect(leases.waiting).toMatchObject([{ volume: 'v' }]);
  expect(timers()).toBe(before + 1);
  await leases.end();
  expect(timers()).toBe(before);
});

it('leases that end at once keep nothing alive', async () => {
  const before = timers();
  const leases = keepLeases(unreachable, undefined)('a', listener);
  leases.start();
  await leases.end();
  expect(timers()).toBe(before);
});
