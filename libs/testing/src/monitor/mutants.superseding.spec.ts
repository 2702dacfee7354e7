import type {
  TransitionContext,
  TransitionReport,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import type { AllCallbacks } from '../call-log.js';
import { confOf } from '../conf-of.js';
import { MutatedRun, type Mutant } from '../testing/mutated-run.js';

const peers = ['A', 'B'];
const one = confOf({ peers, groups: { g: ['a', 'b'] } });
/** The volumes are another peer's from now on. */
const gone = confOf({
  peers,
  groups: { g: { primary: 'B', volumes: ['a', 'b'] }, h: ['c'] },
});
const goneToo = confOf({
  peers,
  groups: {
    g: { primary: 'B', volumes: ['a', 'b'], options: { Cache: '1' } },
    h: ['d'],
  },
});
/** So far the volumes have been unserved, in a reload from `one` to `gone`. */
const unserved = 14;

type Call = (
  right: AllCallbacks,
  given: Parameters<AllCallbacks['serveVolume']>,
) => void;

/** With its volumeCreated in one transition, p1 gets another call. */
function besides(id: number, call: Call): Mutant {
  return {
    calls: (right, name) => ({
      volumeCreated: (confMap, volume, group, context) => {
        const own = right.volumeCreated(confMap, volume, group, context);
        if (name === 'p1' && context.id === id) {
          call(right, [confMap, volume, contextOf(context)]);
        }
        return own;
      },
    }),
  };
}

/** With what it says at this moment. */
function contextOf(context: TransitionContext) {
  const { kind, id, generation, previous, signal, timeLeft } = context;
  const assertHeld = (): void => context.assertHeld();
  return { kind, id, generation, previous, signal, timeLeft, assertHeld };
}

function reported(
  change: (report: TransitionReport) => Partial<TransitionReport>,
): Mutant {
  return {
    events: (event) =>
      event.type === 'transitionEnded' && event.report.outcome === 'superseded'
        ? [{ ...event, report: { ...event.report, ...change(event.report) } }]
        : [event],
  };
}

const mutants: readonly (readonly [name: string, invariant: string, Mutant])[] =
  [
    [
      'brings into force what is superseded',
      'I50',
      reported(() => ({ configuration: 'new' })),
    ],
    [
      'names another generation',
      'I50',
      reported(({ supersededBy = 0 }) => ({ supersededBy: supersededBy + 1 })),
    ],
    ['names no generation', 'I50', reported(() => ({ supersededBy: 0 }))],
    ['gives no reason', 'I29', reported(() => ({ errors: [] }))],
    ['supersedes what is no reload', 'I50', reported(() => ({ kind: 'up' }))],
    [
      'calls superseded what nothing goes on with',
      'I50',
      {
        events: (event) =>
          event.type === 'transitionEnded' && event.report.id === 3
            ? [{ ...event, report: { ...event.report, supersededBy: 9 } }]
            : [event],
      },
    ],
    [
      'goes on with another generation than was told',
      'I50',
      {
        calls: (right) => ({
          validate: (confMap, context) =>
            right.validate(confMap, {
              ...contextOf(context),
              generation: context.generation + 1,
            }),
        }),
      },
    ],
    [
      'undoes something first',
      'I50',
      besides(2, (right, [confMap, , context]) => {
        void right.volumeDestroyed(confMap, 'c', {
          ...context,
          kind: 'rollback',
        });
      }),
    ],
    [
      'lets the newer one begin once more what is open',
      'I15',
      besides(3, (right, [confMap, , context]) => {
        void right.signaledStart(confMap, context);
      }),
    ],
    [
      'asks a participant that is busy',
      'I10',
      besides(2, (right, [confMap, , context]) => {
        void right.validate(confMap, { ...context, id: 3 });
      }),
    ],
    [
      'serves again in undoing what the one before had let go',
      'F35',
      {
        calls: (right, name) => ({
          signaledFinish: (confMap, context) => {
            if (name === 'p1' && context.kind === 'rollback') {
              void right.serveVolume(confMap, 'a', context);
            }
            return right.signaledFinish(confMap, context);
          },
        }),
      },
    ],
    [
      'goes back only to where the newer one began',
      'I23',
      {
        calls: (right) => ({
          volumeDestroyed: (confMap, name, context) =>
            context.kind === 'rollback' && name === 'c'
              ? undefined
              : right.volumeDestroyed(confMap, name, context),
        }),
      },
    ],
  ];

/** Superseded while volumes leave; the newer one is rolled back. */
async function violated(mutant: Mutant): Promise<ReadonlySet<string>> {
  const run = new MutatedRun(mutant, { isSlow: true });
  await run.up(one);
  run.faults.at(
    { participant: 'p2', callback: 'serveVolume', target: 'd' },
    'throw',
  );
  await run.superseded(gone, goneToo, unserved);
  return run.violated;
}

describe('InvariantMonitor, of reloads that supersede others', () => {
  it('has nothing to say where there is no bug', async () => {
    expect([...(await violated({}))]).toEqual([]);
  });

  it.each(mutants)(
    'catches one that %s (F180)',
    async (_name, invariant, mutant) => {
      expect([...(await violated(mutant))]).toContain(invariant);
    },
  );
});
