import type { ConfMap } from '@nestjs-transitions/conf';
import {
  DeviationError,
  TargetUnknownError,
  TooManyUnservedError,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { confOf } from '../conf-of.js';
import {
  MutatedRun,
  type MutatedWorld,
  type Mutant,
} from '../testing/mutated-run.js';

// Bugs that were there, or relatives of them: each in the world that shows it.

const peers = ['A', 'B'];
const one = confOf({ peers, groups: { g: ['a', 'b', 'c'] } });
const two = confOf({ peers, groups: { g: ['a', 'b', 'c', 'd'] } });
/** The volumes are another peer's from now on. */
const gone = confOf({
  peers,
  groups: { g: { primary: 'B', volumes: ['a', 'b', 'c'] } },
});
const withEmptyGroup = confOf({
  peers,
  groups: { g: ['a', 'b', 'c'], empty: [] },
});
const isolate = { settings: { onFailure: 'isolate' } } as const;

/** The n-th transition is reported otherwise. */
function reported(
  id: number,
  change: (report: TransitionReport) => Partial<TransitionReport>,
): Mutant {
  return {
    events: (event) =>
      event.type === 'transitionEnded' && event.report.id === id
        ? [{ ...event, report: { ...event.report, ...change(event.report) } }]
        : [event],
  };
}

/** With the signaledFinish of a participant, in what undoes something, another call is made. */
function besides(
  participant: string,
  call: (
    right: Parameters<NonNullable<Mutant['calls']>>[0],
    confMap: ConfMap,
    context: Parameters<typeof right.signaledFinish>[1],
  ) => void,
  kind: 'rollback' | 'signaled' = 'rollback',
): Mutant {
  return {
    calls: (right, name) => ({
      signaledFinish: (confMap, context) => {
        if (name === participant && context.kind === kind) {
          call(right, confMap, context);
        }
        return right.signaledFinish(confMap, context);
      },
    }),
  };
}

interface Found {
  readonly name: string;
  readonly invariant: string;
  readonly mutant: Mutant;
  readonly world?: MutatedWorld;
  readonly script: (run: MutatedRun) => Promise<unknown>;
}

const found: readonly Found[] = [
  {
    name: 'leaves up what a boot brought up that is rejected (F89)',
    invariant: 'I41',
    mutant: reported(1, () => ({ outcome: 'degraded', configuration: 'new' })),
    world: isolate,
    script: async (run) => {
      run.faults.at(
        { callback: 'volumeGroupCreated', target: 'empty' },
        'throw',
        1,
      );
      await run.up(withEmptyGroup);
    },
  },
  {
    name: 'takes nothing down of a boot that failed (F89)',
    invariant: 'I41',
    mutant: {
      calls: () => ({ unserveVolume: () => undefined, down: () => undefined }),
    },
    script: async (run) => {
      run.faults.at({ participant: 'p2', callback: 'signaledFinish' }, 'throw');
      await run.up(one);
    },
  },
  {
    name: 'serves in undoing what the configuration gives to another peer (F90)',
    invariant: 'I42',
    mutant: besides('p1', (right, confMap, context) => {
      void right.serveVolume(confMap, 'a', context);
    }),
    script: async (run) => {
      await run.up(gone);
      run.faults.at({ callback: 'volumeCreated', target: 'd' }, 'throw');
      await run.signaled(
        confOf({
          peers,
          groups: { g: { primary: 'B', volumes: ['a', 'b', 'c', 'd'] } },
        }),
      );
    },
  },
  {
    name: "calls partial what leaves another peer's volume served (F91)",
    invariant: 'I43',
    mutant: reported(2, () => ({ outcome: 'partial' })),
    world: isolate,
    script: async (run) => {
      run.faults.at(
        { participant: 'p1', callback: 'unserveVolume', target: 'b' },
        'throw',
      );
      await run.up(one);
      await run.signaled(gone);
    },
  },
  {
    name: "is ready while it serves another peer's volume (F91)",
    invariant: 'I48',
    mutant: { isReady: () => true },
    world: isolate,
    script: async (run) => {
      run.faults.at(
        { participant: 'p1', callback: 'unserveVolume', target: 'b' },
        'throw',
      );
      await run.up(one);
      await run.signaled(gone);
    },
  },
  {
    name: 'opens the gate though an earlier participant does not serve (F92)',
    invariant: 'I44',
    mutant: {
      calls: (right, name) => ({
        serveVolume: (...given) => {
          if (name !== 'p1') return right.serveVolume(...given);
          return undefined;
        },
      }),
    },
    world: { withGate: true },
    script: (run) => run.up(one),
  },
  {
    name: 'does not close the gate before others let go (F92)',
    invariant: 'I44',
    mutant: {
      calls: (_right, name) =>
        name === 'gate'
          ? {
              volumeToBeUnserved: () => undefined,
              unserveVolume: () => undefined,
            }
          : {},
    },
    world: { withGate: true },
    script: async (run) => {
      await run.up(one);
      await run.signaled(gone);
    },
  },
  {
    name: 'refuses every reload while something is unknown (F93)',
    invariant: 'I45',
    mutant: reported(3, () => ({
      outcome: 'rejected',
      configuration: 'old',
      errors: [
        new TargetUnknownError([
          {
            callback: 'volumeGroupCreated',
            participant: 'p1',
            target: 'empty',
          },
        ]),
      ],
    })),
    script: async (run) => {
      await run.up(one);
      run.faults.at(
        { callback: 'volumeGroupCreated', target: 'empty' },
        'hang',
        1,
      );
      await run.signaled(withEmptyGroup);
      await run.signaled(two);
    },
  },
  {
    name: 'says that one who has no callback for it serves what nobody does (F94)',
    invariant: 'I46',
    mutant: {
      snapshot: (right) => ({
        ...right,
        degraded: true,
        participants: right.participants.map((each) =>
          each.name === 'p2'
            ? { ...each, served: [...each.served, 'd'] }
            : each,
        ),
      }),
    },
    world: { lacking: { p2: ['serveVolume', 'unserveVolume'] } },
    script: (run) => run.up(one),
  },
  {
    name: 'is not ready for one who has no callback for what was done (F94)',
    invariant: 'I48',
    mutant: { isReady: () => false },
    world: {
      lacking: {
        p2: [
          'volumeGroupCreated',
          'volumeGroupMoved',
          'volumeGroupChanged',
          'volumeCreated',
          'volumeMoved',
          'volumeChanged',
          'serveVolume',
          'unserveVolume',
        ],
      },
    },
    script: (run) => run.up(one),
  },
  {
    name: 'counts as served what is not (F94)',
    invariant: 'I46',
    mutant: reported(2, () => ({
      errors: [new TooManyUnservedError(1, 0, 0)],
    })),
    world: { settings: { maxUnserve: 0 } },
    script: async (run) => {
      await run.up(one);
      await run.signaled(gone);
    },
  },
  {
    name: 'forgets who was told late that a reload starts (F95)',
    invariant: 'I15',
    mutant: {
      calls: (right, name) => {
        let told = 0;
        return {
          signaledFinish: (...given) =>
            name === 'p2' && ++told > 1
              ? undefined
              : right.signaledFinish(...given),
        };
      },
    },
    script: async (run) => {
      await run.up(one);
      run.faults.at(
        { participant: 'p2', callback: 'signaledStart' },
        'lateOk',
        1,
      );
      await run.signaled(one);
      await run.wait(100_000);
      await run.signaled(two);
    },
  },
  {
    name: 'keeps an error in what was applied (F95)',
    invariant: 'I29',
    mutant: reported(2, () => ({ errors: [new DeviationError([])] })),
    script: async (run) => {
      await run.up(one);
      await run.signaled(two);
    },
  },
  {
    name: 'is partial without a name (F95)',
    invariant: 'I29',
    mutant: reported(2, () => ({ failed: [] })),
    world: isolate,
    script: async (run) => {
      await run.up(one);
      run.faults.at(
        { participant: 'p1', callback: 'serveVolume', target: 'd' },
        'throw',
      );
      await run.signaled(two);
    },
  },
  {
    name: 'forgets the force of a reload that others share (F96)',
    invariant: 'I49',
    mutant: { request: (right) => ({ ...right, force: false }) },
    world: { settings: { maxUnserve: 1 } },
    script: async (run) => {
      await run.up(one);
      await run.signaled(one, { confMap: gone, force: true }, gone);
    },
  },
  {
    name: 'cancels in another order than that of the configuration (F97)',
    invariant: 'I1',
    mutant: {
      calls: (right) => {
        let held: (() => unknown) | undefined;
        return {
          volumeUnserveCancelled: (...given) => {
            const call = (): unknown => right.volumeUnserveCancelled(...given);
            if (held === undefined) held = call;
            else void [call(), held()];
          },
        };
      },
    },
    script: async (run) => {
      await run.up(one);
      run.faults.at({ callback: 'signaledStart' }, 'throw', 1);
      await run.signaled(gone);
    },
  },
  {
    name: 'calls in a reset for another volume (F98)',
    invariant: 'I47',
    mutant: besides(
      'p1',
      (right, confMap, context) => {
        if (context.id === 3) void right.volumeChanged(confMap, 'b', context);
      },
      'signaled',
    ),
    script: async (run) => {
      await run.up(one);
      await run.signaled(two);
      await run.reset('a');
    },
  },
  {
    name: 'is ready with something set aside, against the option (F102)',
    invariant: 'I48',
    mutant: { isReady: () => true },
    world: isolate,
    script: async (run) => {
      await run.up(one);
      run.faults.at(
        { participant: 'p1', callback: 'serveVolume', target: 'd' },
        'throw',
      );
      await run.signaled(two);
    },
  },
];

const byName = found.map((each) => [each.name, each] as const);

describe('InvariantMonitor', () => {
  it.each(byName)(
    'has nothing to say where there is none that %s',
    async (_name, { world, script }) => {
      const run = new MutatedRun({}, world);
      await script(run);
      expect([...run.violated]).toEqual([]);
    },
  );

  it.each(byName)(
    'catches one that %s',
    async (_name, { invariant, mutant, world, script }) => {
      const run = new MutatedRun(mutant, world);
      await script(run);
      expect([...run.violated]).toContain(invariant);
    },
  );
});
