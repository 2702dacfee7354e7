import { confOf } from '@nestjs-transitions/testing';
import { TargetUnknownError } from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { World } from './world.js';

const confWith = (...volumes: string[]) => confOf({ groups: { g: volumes } });

it('a reload that is refused for a participant that was unknown names it, also when it has settled by then (F95)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  faults.at({ participant: 'cache', callback: 'signaledStart' }, 'lateOk', 1);
  await harness.signaled(confWith('a'));
  // It settles while the router takes its time to validate.
  faults.at({ participant: 'router', callback: 'validate' }, 'lateOk', 1);
  const refused = await harness.signaled(confWith('a', 'b'));
  expect(refused.outcome).toBe('rejected');
  expect(
    refused.errors.filter((error) => error instanceof TargetUnknownError),
  ).toMatchObject([
    { steps: [{ participant: 'cache', callback: 'signaledStart' }] },
  ]);
});

it('what settles during a dry run is not forgotten by it (F101)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  const late = { participant: 'store', callback: 'serveVolume' } as const;
  faults.at({ ...late, target: 'b' }, 'lateOk', 1);
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('degraded');
  // It settles 30 s from now, and the dry run takes 40 s.
  faults.at(
    { participant: 'router', callback: 'validate' },
    'lateOk',
    1,
    40_000,
  );
  const foretold = await harness.dryRun(confWith('a'));
  expect(foretold.steps.map(({ callback }) => callback)).toContain(
    'unserveVolume',
  );
  const { degraded, unknown, participants } = harness.snapshot();
  expect({ degraded, unknown }).toEqual({ degraded: true, unknown: [] });
  expect([...participants[0]!.served]).toEqual(['a', 'b']);
});
