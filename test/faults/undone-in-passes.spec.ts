import {
  confOf,
  recorder,
  TestGate,
  TransitionsHarness,
} from '@nestjs-transitions/testing';
import { expect, it } from 'vitest';
import { World } from './world.js';

// Undoing, and a Down, begin once more with what is left each time that something
// unknown has settled meanwhile.

const peers = ['A', 'B'];

/** The calls of one callback in the last transition, as lines, those for a single target if that is given. */
function callsOf(
  { monitor }: TransitionsHarness,
  callback: string,
  target?: string,
): string[] {
  const { calls } = monitor.log;
  const last = calls.at(-1)!.id;
  return calls
    .filter(
      (call) =>
        call.id === last &&
        call.callback === callback &&
        (target ?? call.target) === call.target,
    )
    .map(
      ({ kind, participant, target: name }) => `${kind} ${participant} ${name}`,
    );
}

it('what one participant failed to serve in the first pass nobody serves in the next, and the gate stays closed (F92)', async () => {
  const { harness, faults, gate } = new World({
    pace: 'timer',
    withGate: true,
  });
  const conf = (primary: string, option: string) =>
    confOf({
      peers,
      groups: {
        g: { primary, volumes: ['v'] },
        h: { volumes: ['w'], options: { Option: option } },
      },
    });
  await harness.up(conf('A', '1'));
  // It settles while the way back goes on.
  const late = {
    participant: 'store',
    callback: 'volumeGroupChanged',
  } as const;
  faults.at(late, 'lateOk', 1, 60_001);
  faults.at({ callback: 'serveVolume', target: 'v' }, 'throw', 1);
  const report = await harness.signaled(conf('', '2'));
  expect(report.outcome).toBe('degraded');
  expect(callsOf(harness, 'volumeGroupChanged')).toEqual([
    'signaled store h',
    'rollback store h',
  ]);
  expect(callsOf(harness, 'serveVolume')).toEqual(['rollback store v']);
  expect(gate?.isOpen('v')).toBe(false);
});

it('a volume that one participant could not move back is not served by the others either (F92)', async () => {
  const gate = new TestGate();
  const record = recorder();
  const harness = new TransitionsHarness({
    gate,
    participants: [
      { name: 'store', callbacks: record.participant('store') },
      {
        name: 'cache',
        callbacks: record.participant('cache', {
          unserveVolume: (_confMap, _volume, { kind }) => {
            if (kind === 'rollback') throw new Error('no');
          },
        }),
      },
      {
        name: 'router',
        callbacks: record.participant('router', {
          serveVolume: (_confMap, _volume, { kind }) => {
            if (kind === 'signaled') throw new Error('no');
          },
        }),
      },
    ],
  });
  await harness.up(confOf({ groups: { g: ['v'], h: [] } }));
  const report = await harness.signaled(
    confOf({ groups: { g: [], h: ['v'] } }),
  );
  expect(report.outcome).toBe('degraded');
  // The cache serves it where it was going, and nothing follows from that.
  expect(callsOf(harness, 'volumeMoved')).toEqual([
    'signaled store v',
    'signaled cache v',
    'signaled router v',
    'rollback store v',
    'rollback router v',
  ]);
  expect(callsOf(harness, 'serveVolume').slice(3)).toEqual([]);
  expect(gate.isOpen('v')).toBe(false);
});

it('what fails late in undoing is not tried again (F95)', async () => {
  const { harness, faults } = new World({ pace: 'timer' });
  const conf = (primary: string) =>
    confOf({ peers, groups: { g: { primary, volumes: ['a', 'b'] } } });
  await harness.up(conf('A'));
  faults.at({ participant: 'router', callback: 'signaledStart' }, 'throw', 1);
  const late = {
    participant: 'router',
    callback: 'volumeUnserveCancelled',
  } as const;
  faults.at({ ...late, target: 'a' }, 'lateFail', 1, 30_001);
  expect((await harness.signaled(conf('B'))).outcome).toBe('degraded');
  expect(callsOf(harness, 'volumeUnserveCancelled', 'a')).toEqual([
    'rollback store a',
    'rollback cache a',
    'rollback router a',
  ]);
});

it('what the first pass of a Down leaves is taken in the order of the configuration (F97)', async () => {
  const { harness, faults } = new World({});
  await harness.up(confOf({ groups: { g: ['v'], h: [] } }));
  const late = { participant: 'store', callback: 'volumeMoved' } as const;
  faults.at(late, 'lateFail', 1, 61_000);
  await harness.signaled(confOf({ groups: { g: [], h: ['v'] } }));
  expect((await harness.down()).outcome).toBe('applied');
  expect(callsOf(harness, 'volumeGroupDestroyed')).toEqual([
    'down router h',
    'down router g',
    'down cache h',
    'down cache g',
    'down store h',
    'down store g',
  ]);
});
