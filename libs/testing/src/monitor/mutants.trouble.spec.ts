import type { TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import type { AllCallbacks } from '../call-log.js';
import { confOf } from '../conf-of.js';
import {
  MutatedRun,
  type MutatedWorld,
  type Mutant,
} from '../testing/mutated-run.js';

// Bugs of fail and of retry.

const one = confOf({ groups: { g: ['a', 'b', 'c'] } });
const two = confOf({ groups: { g: ['a', 'b', 'c', 'd'] } });
const retry = { initial: 1_000, max: 60_000, reloads: false };
const gated: MutatedWorld = { withGate: true };
const retrying: MutatedWorld = { settings: { onFailure: 'isolate', retry } };

interface Seeded {
  readonly name: string;
  readonly invariant: string;
  readonly mutant: Mutant;
  readonly world?: MutatedWorld;
  readonly script: (run: MutatedRun) => Promise<unknown>;
}

async function failsOnce(run: MutatedRun): Promise<void> {
  await run.up(one);
  await run.fail('b');
}

/** Volume d cannot be served at first; twice that is tried again. */
async function dIsRetried(run: MutatedRun): Promise<void> {
  await run.up(one);
  const step = {
    participant: 'p1',
    callback: 'serveVolume',
    target: 'd',
  } as const;
  run.faults.at(step, 'throw', 2);
  await run.signaled(two);
  await run.wait(1_000);
  await run.wait(10_000);
}

/** In each transition with one of these numbers, with p1's first call, one more is made. */
function besidesIn(
  id: number,
  callback: 'serveVolume' | 'unserveVolume' | 'volumeToBeUnserved',
  call: (
    right: AllCallbacks,
    ...given: Parameters<AllCallbacks['serveVolume']>
  ) => void,
): Mutant {
  return {
    calls: (right, name) => ({
      [callback]: (...given: Parameters<AllCallbacks['serveVolume']>) => {
        if (name === 'p1' && given[2].id === id) call(right, ...given);
        return right[callback](...given);
      },
    }),
  };
}

/** Participants let go in ascending order. */
function inWrongOrder(): Mutant {
  const rights = new Map<string, AllCallbacks>();
  return {
    calls: (right, name) => {
      rights.set(name, right);
      return {
        unserveVolume: (...given) => {
          if (name === 'p1') return;
          void rights.get('p1')!.unserveVolume(...given);
          return right.unserveVolume(...given);
        },
      };
    },
  };
}

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

const seeded: readonly Seeded[] = [
  {
    name: 'leaves the gate open for what has failed',
    invariant: 'I50',
    mutant: { shut: () => () => undefined },
    world: gated,
    script: failsOnce,
  },
  {
    name: 'opens the gate when a reload that runs serves it again',
    invariant: 'I50',
    mutant: { isFailing: () => false },
    world: gated,
    script: async (run) => {
      await run.up(one);
      let failed: Promise<unknown> | undefined;
      run.faults.duringCall(1, () => {
        failed = run.fail('b');
      });
      await run.signaled(confOf({ groups: { g: ['a', 'c'], h: ['b'] } }));
      await failed;
    },
  },
  {
    name: 'takes what has failed from participants in ascending order',
    invariant: 'I11',
    mutant: inWrongOrder(),
    script: failsOnce,
  },
  {
    name: 'takes another volume away as well',
    invariant: 'I50',
    mutant: besidesIn(2, 'unserveVolume', (right, confMap, _name, context) => {
      void right.unserveVolume(confMap, 'c', context);
    }),
    script: failsOnce,
  },
  {
    name: 'tells of a reload when a volume fails',
    invariant: 'I50',
    mutant: besidesIn(
      2,
      'volumeToBeUnserved',
      (right, confMap, _n, context) => {
        void right.signaledStart(confMap, context);
      },
    ),
    script: failsOnce,
  },
  {
    name: 'does not set aside what has failed',
    invariant: 'I50',
    mutant: reported(2, () => ({ failed: [] })),
    script: failsOnce,
  },
  {
    name: 'does not try again what is set aside',
    invariant: 'I51',
    mutant: { snapshot: (right) => ({ ...right, retries: [] }) },
    world: retrying,
    script: dIsRetried,
  },
  {
    name: 'goes on after it has succeeded',
    invariant: 'I51',
    mutant: {
      snapshot: (right) => ({
        ...right,
        retries: [{ volume: 'd', attempt: 3, inMs: 10 }],
      }),
    },
    world: retrying,
    script: dIsRetried,
  },
  {
    name: 'tries again though nothing is set aside',
    invariant: 'I51',
    mutant: {
      events: (event) =>
        event.type === 'transitionStarted' && event.id === 2
          ? [{ ...event, reason: 'retry d' }]
          : [event],
    },
    script: async (run) => {
      await run.up(one);
      await run.signaled(two);
    },
  },
  {
    name: 'tries again what is not set aside',
    invariant: 'I51',
    mutant: besidesIn(3, 'serveVolume', (right, confMap, _name, context) => {
      void right.volumeChanged(confMap, 'a', context);
    }),
    world: retrying,
    script: dIsRetried,
  },
  {
    name: 'tells of a reload when it tries again',
    invariant: 'I51',
    mutant: besidesIn(3, 'serveVolume', (right, confMap, _name, context) => {
      void right.signaledStart(confMap, context);
    }),
    world: retrying,
    script: dIsRetried,
  },
  {
    name: 'tries again what is unknown',
    invariant: 'I51',
    mutant: besidesIn(3, 'serveVolume', (right, confMap, _name, context) => {
      void right.serveVolume(confMap, 'e', context);
    }),
    world: retrying,
    script: async (run) => {
      await run.up(one);
      const step = { participant: 'p1', callback: 'serveVolume' } as const;
      run.faults.at({ ...step, target: 'd' }, 'throw', 1);
      run.faults.at({ ...step, target: 'e' }, 'hang', 1);
      await run.signaled(confOf({ groups: { g: ['a', 'b', 'c', 'd', 'e'] } }));
      await run.wait(10_000);
    },
  },
  {
    name: 'serves what has failed before all have let go of it',
    invariant: 'I51',
    mutant: besidesIn(3, 'unserveVolume', (right, confMap, name, context) => {
      void right.serveVolume(confMap, name, context);
    }),
    world: retrying,
    script: async (run) => {
      const step = { participant: 'p1', callback: 'unserveVolume' } as const;
      run.faults.at(step, 'throw', 1);
      await failsOnce(run);
      await run.wait(1_000);
    },
  },
  {
    name: 'tries a reload again that came into force',
    invariant: 'I51',
    mutant: {
      events: (event) =>
        event.type === 'transitionStarted' && event.id === 2
          ? [{ ...event, reason: 'retry of SIGHUP' }]
          : [event],
    },
    script: async (run) => {
      await run.up(one);
      await run.signaled(two);
    },
  },
];

const byName = seeded.map((each) => [each.name, each] as const);

describe('InvariantMonitor, of volumes in trouble', () => {
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
