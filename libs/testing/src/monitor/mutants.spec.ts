import type {
  TransitionContext,
  TransitionReport,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import type { AllCallbacks } from '../call-log.js';
import { confOf } from '../conf-of.js';
import { MutatedRun, type Mutant } from '../testing/mutated-run.js';

const peers = ['A', 'B'];
const first = confOf({
  peers,
  groups: { g: ['a', 'b'], h: ['c'], away: ['out'], gone: ['d'] },
});
const second = confOf({
  peers,
  groups: {
    g: ['a', 'b', 'e', 'f'],
    h: { volumes: ['c'], options: { Cache: '1' } },
    away: { primary: 'B', volumes: ['out'] },
  },
});
const third = confOf({ peers, groups: { g: ['a'], away: ['out', 'x'] } });

/** A boot, a reload, one that is rolled back, one that is rejected, one with a callback that hangs, and a Down. */
async function violated(mutant: Mutant): Promise<ReadonlySet<string>> {
  const run = new MutatedRun(mutant);
  const serving = { participant: 'p2', callback: 'serveVolume' } as const;
  await run.up(first);
  await run.signaled(second);
  run.faults.at({ ...serving, target: 'x' }, 'throw');
  await run.signaled(third);
  await run.signaled(confOf({ groups: { g: ['a', 'a'] } }));
  await run.signaled(first);
  run.faults.clear();
  run.faults.at({ ...serving, target: 'e' }, 'hang');
  await run.signaled(second);
  await run.down();
  return run.violated;
}

const dropped = (callback: keyof AllCallbacks): Mutant => ({
  calls: () => ({ [callback]: () => undefined }),
});
const twice = (callback: keyof AllCallbacks): Mutant => ({
  calls: (right) => ({
    [callback]: (...given: never[]) => {
      const call = right[callback] as (...given: never[]) => unknown;
      void call(...given);
      return call(...given);
    },
  }),
});
const reported = (
  change: (report: TransitionReport) => Partial<TransitionReport>,
): Mutant => ({
  events: (event) =>
    event.type === 'transitionEnded'
      ? [{ ...event, report: { ...event.report, ...change(event.report) } }]
      : [event],
});
const shown = (
  change: (snapshot: TransitionsSnapshot) => Partial<TransitionsSnapshot>,
): Mutant => ({
  snapshot: (snapshot) => ({ ...snapshot, ...change(snapshot) }),
});

/** Swaps the first two serves of a participant. */
function swapped(): Mutant {
  let held: (() => unknown) | undefined;
  return {
    calls: (right) => ({
      serveVolume: (...given) => {
        if (held === undefined) {
          held = () => right.serveVolume(...given);
          return undefined;
        }
        const result = right.serveVolume(...given);
        void held();
        held = () => undefined;
        return result;
      },
    }),
  };
}

/** What the first participant is told, the second is told before. */
function exchanged(): Mutant {
  const byName = new Map<string, AllCallbacks>();
  return {
    calls: (right, name) => {
      byName.set(name, right);
      const other = () => byName.get(name === 'p1' ? 'p2' : 'p1')!;
      return { volumeCreated: (...given) => other().volumeCreated(...given) };
    },
  };
}

const mutants: readonly (readonly [string, string, Mutant])[] = [
  ['serves twice', 'I9', twice('serveVolume')],
  ['never serves', 'I17', dropped('serveVolume')],
  ['never unserves', 'I14', dropped('unserveVolume')],
  ['unserves twice', 'I9', twice('unserveVolume')],
  ['does not announce', 'I13', dropped('volumeToBeUnserved')],
  ['announces twice', 'I13', twice('volumeToBeUnserved')],
  ['does not create', 'I14', dropped('volumeCreated')],
  ['creates twice', 'I14', twice('volumeCreated')],
  ['does not create the group', 'I14', dropped('volumeGroupCreated')],
  ['does not move the group', 'I16', dropped('volumeGroupMoved')],
  ['does not tell of a change', 'I16', dropped('volumeGroupChanged')],
  ['destroys twice', 'I14', twice('volumeDestroyed')],
  ['does not destroy', 'I14', dropped('volumeDestroyed')],
  ['starts without finishing', 'I15', dropped('signaledFinish')],
  ['finishes without starting', 'I15', dropped('signaledStart')],
  ['finishes twice', 'I15', twice('signaledFinish')],
  ['does not go up', 'I19', dropped('up')],
  ['goes up twice', 'I19', twice('up')],
  ['does not go down', 'I17', dropped('down')],
  ['goes down twice', 'I19', twice('down')],
  ['calls the targets in another order', 'I1', swapped()],
  ['calls the participants in another order', 'I11', exchanged()],
  [
    'serves before the others unserve',
    'I12',
    {
      calls: (right) => ({
        volumeCreated: (...[confMap, volume, , context]) => {
          void right.volumeCreated(confMap, volume, 'g', context);
          return right.serveVolume(confMap, volume, context);
        },
        serveVolume: () => undefined,
      }),
    },
  ],
  [
    'destroys what it serves',
    'I14',
    {
      calls: (right) => ({
        unserveVolume: (...given) => right.volumeDestroyed(...given),
      }),
    },
  ],
  [
    'serves again what another peer may serve',
    'F35',
    {
      calls: (right) => ({
        signaledFinish: (confMap, context) => {
          if (context.kind === 'rollback') {
            void right.unserveVolume(
              third,
              'out',
              changed(context, { kind: 'signaled' }),
            );
            void right.serveVolume(confMap, 'out', context);
          }
          return right.signaledFinish(confMap, context);
        },
      }),
    },
  ],
  [
    'rolls back with the new configuration',
    'I18',
    {
      calls: (right) => ({
        signaledFinish: (confMap, context) =>
          right.signaledFinish(
            context.kind === 'rollback' ? context.previous! : confMap,
            context,
          ),
      }),
    },
  ],
  [
    'calls for a target that is unknown',
    'I26',
    {
      calls: (right, name) => ({
        signaledFinish: (confMap, context) => {
          if (name === 'p2')
            void right.volumeToBeUnserved(confMap, 'e', context);
          return right.signaledFinish(confMap, context);
        },
      }),
    },
  ],
  ['undoes the same twice', 'I28', twice('serveVolume')],
  [
    'calls with the id of another transition',
    'I10',
    {
      calls: (right) => ({
        validate: (confMap, context) =>
          right.validate(confMap, changed(context, { id: 99 })),
      }),
    },
  ],
  [
    'begins one transition inside another',
    'I10',
    {
      events: (event) =>
        event.type === 'transitionStarted' ? [event, event] : [event],
    },
  ],
  [
    'ends one twice',
    'I29',
    {
      events: (event) =>
        event.type === 'transitionEnded' ? [event, event] : [event],
    },
  ],
  [
    'says applied whatever happened',
    'I22',
    reported(() => ({ outcome: 'applied' })),
  ],
  [
    'says rolled back whatever happened',
    'I23',
    reported(() => ({ outcome: 'rolledBack' })),
  ],
  [
    'says rejected whatever happened',
    'I23',
    reported(() => ({ outcome: 'rejected' })),
  ],
  ['keeps errors to itself', 'I29', reported(() => ({ errors: [] }))],
  [
    'reports steps that were not',
    'I29',
    reported(() => ({ steps: [] as unknown as TransitionReport['steps'] })),
  ],
  [
    'counts generations back',
    'I31',
    reported(({ id }) => ({ generation: 10 - id })),
  ],
  [
    'never says degraded',
    'I22',
    shown(() => ({ degraded: false, unknown: [] })),
  ],
  ['always says degraded', 'I22', shown(() => ({ degraded: true }))],
  ['hides what is unknown', 'I24', shown(() => ({ unknown: [] }))],
  [
    'shows volumes nobody was told of',
    'I17',
    shown(({ participants }) => ({
      participants: participants.map((one) => ({ ...one, volumes: ['ghost'] })),
    })),
  ],
];

/** A context that says otherwise in a few things; its getters are not seen by a spread. */
function changed(
  context: TransitionContext,
  change: Partial<TransitionContext>,
): TransitionContext {
  const { kind, id, generation, signal, timeLeft, previous } = context;
  const before = previous === undefined ? {} : { previous };
  const assertHeld = (): void => context.assertHeld();
  return {
    kind,
    id,
    generation,
    signal,
    timeLeft,
    assertHeld,
    ...before,
    ...change,
  };
}

describe('InvariantMonitor', () => {
  it('has nothing to say where there is no bug', async () => {
    expect([...(await violated({}))]).toEqual([]);
  });

  it.each(mutants)(
    'catches one that %s (%s)',
    async (_name, invariant, mutant) => {
      expect([...(await violated(mutant))]).toContain(invariant);
    },
  );
});
