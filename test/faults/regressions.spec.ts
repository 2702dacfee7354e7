import {
  confOf,
  FaultPlan,
  faulty,
  TransitionsHarness,
  VirtualClock,
} from '@nestjs-transitions/testing';
import { expect, it } from 'vitest';
import { FaultAt, Reload, ReloadsAtOnce, Wait } from './commands.js';
import { confMapOf, type Cluster, type Edit } from './history.js';
import { World } from './world.js';

// Histories that a search found, each with what was wrong. They stay here as
// plain examples.

const confWith = (...volumes: string[]) => confOf({ groups: { g: volumes } });

it('F42 I24 a volume that was never known but for a callback that hangs can be reset', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  faults.at({ callback: 'volumeCreated', target: 'b' }, 'hang', 1);
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('degraded');
  expect((await harness.reset('b')).outcome).toBe('unchanged');
  expect(harness.snapshot()).toMatchObject({ unknown: [], degraded: false });
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('applied');
});

it('F35 I22 a reset of one of two volumes set aside is partial, and names the other', async () => {
  const { harness, faults } = new World({ settings: { onFailure: 'isolate' } });
  await harness.up(confWith());
  faults.at({ callback: 'serveVolume' }, 'throw', 2);
  await harness.signaled(confWith('a', 'b'));
  const partial = await harness.reset('a');
  expect(partial).toMatchObject({
    outcome: 'partial',
    failed: [{ volume: 'b', callback: 'serveVolume' }],
  });
  expect(harness.snapshot().failed).toEqual(partial.failed);
  expect((await harness.reset('b')).outcome).toBe('applied');
});

it('F38 I22 a failed signaledFinish degrades until one of that participant returns', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  const failing = { participant: 'cache', callback: 'signaledFinish' } as const;
  faults.at(failing, 'throw', 1);
  const report = await harness.signaled(confWith('a', 'b'));
  expect(report).toMatchObject({ outcome: 'degraded', configuration: 'new' });
  expect(
    [...report.steps].filter(({ callback }) => callback === 'signaledFinish')
      .length,
  ).toBe(3);
  faults.at({ participant: 'router', callback: 'signaledStart' }, 'throw', 1);
  expect((await harness.signaled(confWith('a'))).outcome).toBe('rolledBack');
  expect(harness.snapshot().degraded).toBe(true);
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe(
    'unchanged',
  );
  expect(harness.snapshot().degraded).toBe(false);
});

it('F41 I24 what settles while a reload validates is in the plan of that reload', async () => {
  const clock = new VirtualClock();
  const faults = new FaultPlan(clock);
  const callbacks = {
    validate: () =>
      new Promise<void>((resolve) => {
        clock.startTimer(resolve, 40_000);
      }),
    serveVolume: () => undefined,
    unserveVolume: () => undefined,
  };
  const harness = new TransitionsHarness({
    clock,
    participants: [
      { name: 'store', callbacks: faulty('store', callbacks, faults) },
    ],
  });
  await harness.up(confWith('a'));
  faults.at({ callback: 'serveVolume' }, 'lateOk', 1);
  expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe('degraded');
  expect(harness.snapshot().participants[0]?.served).toEqual(['a']);
  // The callback settles 90 s after it began, and 10 s before this validate.
  const next = await harness.signaled(confWith('a'));
  expect(next.outcome).toBe('applied');
  expect([...next.steps].map(({ callback }) => callback)).toContain(
    'unserveVolume',
  );
  expect(harness.snapshot()).toMatchObject({ degraded: false, unknown: [] });
  expect(harness.snapshot().participants[0]?.served).toEqual(['a']);
});

it('F84 I10 reloads that wait when a Down comes are refused at once and overlap nothing', async () => {
  const { harness } = new World({ pace: 'timer' });
  await harness.up(confWith('a'));
  const { coordinator, clock } = harness;
  const ask = () =>
    coordinator.signaled({ load: () => confWith('b'), reason: 'r' });
  const running = ask();
  const waiting = ask();
  await clock.advance(2);
  const down = coordinator.down('test');
  expect((await waiting).outcome).toBe('rejected');
  expect((await ask()).outcome).toBe('rejected');
  expect((await harness.settle(running)).outcome).toBe('failed');
  expect((await harness.settle(down)).outcome).toBe('applied');
});

it('I31 a reset does not give a generation out again', async () => {
  const { harness, faults } = new World({});
  await harness.up(confWith('a'));
  faults.at({ callback: 'serveVolume' }, 'throw', 1);
  await harness.signaled(confWith('a', 'b'));
  await harness.reset('a');
  const report = await harness.signaled(confWith('a', 'b'));
  expect(report.generation).toBe(3);
});

it('F39 I14 where a group cannot be created again, nothing is moved back into it and nothing is destroyed under it', async () => {
  const { harness, faults } = new World({});
  const before = confOf({ groups: { old: ['v'] } });
  const after = confOf({ groups: { new: ['v'] } });
  await harness.up(before);
  faults.at(
    { participant: 'router', callback: 'volumeGroupDestroyed' },
    'throw',
    1,
  );
  faults.at({ callback: 'volumeGroupCreated', target: 'old' }, 'throw');
  // The rollback has nobody to create the group for: the router never lost it.
  const report = await harness.signaled(after);
  expect(report.outcome).toBe('rolledBack');
  faults.clear();
  faults.at(
    { participant: 'store', callback: 'volumeGroupDestroyed' },
    'throw',
    1,
  );
  faults.at(
    { participant: 'router', callback: 'volumeGroupCreated', target: 'old' },
    'throw',
  );
  expect((await harness.signaled(after)).outcome).toBe('degraded');
  const [, , router] = harness.snapshot().participants;
  expect(router).toMatchObject({ groups: ['new'], volumes: ['v'], served: [] });
  faults.clear();
  expect((await harness.signaled(after)).outcome).toBe('applied');
});

it('I1 F39 a rollback goes in configuration order also where an earlier failure left another one', async () => {
  const here = { peer: 'A', address: '', option: '0' };
  const volumes = ['v1', 'v2', 'v4', 'v5', 'v6'].map((name) => [name, 'g1']);
  const first: Cluster = {
    groups: { g1: here },
    volumes: Object.fromEntries(volumes) as Record<string, string>,
    options: {},
  };
  const edit = (kind: Edit['kind']): Edit => ({ kind, a: 0, b: 0 });
  const model = { history: [first], inForce: first, over: false };
  const world = new World({});
  await world.harness.up(confMapOf(first));
  const commands = [
    new FaultAt(23, 'lateFail'),
    new Reload({
      edits: [edit('rename'), edit('dropVolume'), edit('moveVolume')],
    }),
    new Wait(100_000),
    new FaultAt(36, 'throw'),
    new ReloadsAtOnce([
      { edits: [edit('moveVolume')] },
      { edits: [edit('moveVolume')] },
    ]),
  ];
  for (const command of commands) await command.run(model, world);
  expect(world.faults.injected).toBe(2);
  expect(world.harness.monitor.violations).toEqual([]);
});

it('F39 F41 I23 undoing takes options from the configuration in force, not from what an earlier failure left', async () => {
  const withAddress = (virtualIPAddr: string, ...moved: string[]) =>
    confOf({
      groups: {
        far: {
          primary: 'B',
          volumes: ['v', 'w'].filter((name) => !moved.includes(name)),
          virtualIPAddr,
        },
        near: ['x', ...moved],
      },
    });
  const { harness, faults } = new World({});
  await harness.up(withAddress(''));
  const second = {
    participant: 'cache',
    callback: 'volumeGroupChanged',
  } as const;
  faults.at(second, 'lateFail', 1);
  const failed = await harness.signaled(withAddress('10.0.0.1'));
  expect(failed.outcome).toBe('degraded');
  await harness.checkAfter(90_000);
  faults.at({ callback: 'serveVolume' }, 'throw', 1);
  const undone = await harness.signaled(withAddress('', 'v', 'w'));
  expect(undone.outcome).toBe('rolledBack');
  expect(harness.snapshot().degraded).toBe(false);
});

it('F39 F41 I16 undoing tells nothing of a group that the configuration in force does not have', async () => {
  const named = (name: string, primary: string) =>
    confOf({
      peers: ['A', 'B'],
      groups: { [name]: { primary, volumes: ['v'] } },
    });
  const { harness, faults } = new World({});
  await harness.up(named('old', 'B'));
  const second = {
    participant: 'cache',
    callback: 'volumeGroupCreated',
  } as const;
  faults.at(second, 'lateFail', 1);
  const failed = await harness.signaled(named('new', 'B'));
  expect(failed.outcome).toBe('degraded');
  await harness.checkAfter(90_000);
  faults.at({ callback: 'volumeMoved' }, 'throw', 1);
  const undone = await harness.signaled(named('new', ''));
  expect(undone.outcome).toBe('rolledBack');
  const moves = [...undone.steps].filter(
    ({ callback }) => callback === 'volumeGroupMoved',
  );
  expect(moves.length).toBe(1);
  expect((await harness.signaled(named('new', 'B'))).outcome).toBe('applied');
});

it('F39 I14 a volume that cannot go back to a group that is gone keeps the one that it is in', async () => {
  const { harness, faults } = new World({});
  const destroying = {
    participant: 'store',
    callback: 'volumeGroupDestroyed',
  } as const;
  await harness.up(confOf({ groups: { g: ['v'] } }));
  faults.at(destroying, 'lateFail', 1);
  const renamed = await harness.signaled(confOf({ groups: { h: ['v'] } }));
  expect(renamed).toMatchObject({ outcome: 'degraded', configuration: 'old' });
  await harness.checkAfter(100_000);
  faults.at(destroying, 'throw', 1);
  expect((await harness.reset('v')).outcome).toBe('rolledBack');
  const [store, , router] = harness.snapshot().participants;
  expect(store).toMatchObject({ groups: ['g', 'h'], volumes: ['v'] });
  expect(router).toMatchObject({ groups: ['g'], volumes: ['v'] });
  expect((await harness.reset('v')).outcome).toBe('applied');
});
