import { expect, it } from 'vitest';
import { confOf } from '@nestjs-transitions/testing';
import { World } from './world.js';

it('a step that hangs is seen before its time is up: phase, participant, target and since when (F171)', async () => {
  const world = new World({ concurrency: 2 });
  const { harness, faults, clock } = world;
  await harness.up(confOf({ groups: { g: ['a'] } }));
  expect(harness.snapshot().running).toBeUndefined();
  const step = { participant: 'cache', callback: 'serveVolume' } as const;
  faults.at(step, 'hang', 2);
  const report = harness.coordinator.signaled({
    load: () => confOf({ groups: { g: ['a', 'b', 'c'] } }),
    reason: 'SIGHUP',
  });
  await clock.advance(5_000);
  expect(harness.snapshot().running).toMatchObject({
    id: 2,
    kind: 'signaled',
    reason: 'SIGHUP',
    part: 'execute',
    phase: 'serveVolume',
    participant: 'cache',
    elapsedMs: 5_000,
    inFlight: [
      { ...step, target: 'b', elapsedMs: 5_000 },
      { ...step, target: 'c', elapsedMs: 5_000 },
    ],
  });
  expect(JSON.parse(JSON.stringify(harness.snapshot()))).toMatchObject({
    running: { phase: 'serveVolume' },
  });
  await harness.settle(report);
  expect(harness.snapshot().running).toBeUndefined();
});

it('a configuration that is not answered for is seen too: nobody is called (F171)', async () => {
  const { harness, clock } = new World({});
  await harness.up(confOf({ groups: { g: ['a'] } }));
  void harness.coordinator.signaled({
    load: () => new Promise(() => {}),
    reason: 'reload()',
  });
  await clock.advance(3_000);
  expect(harness.snapshot().running).toEqual({
    id: 2,
    kind: 'signaled',
    reason: 'reload()',
    elapsedMs: 3_000,
    part: 'load',
    phase: undefined,
    participant: undefined,
    inFlight: [],
  });
});
