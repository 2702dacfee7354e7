import type { ConfMap } from '@nestjs-transitions/conf';
import { confOf } from '@nestjs-transitions/testing';
import {
  callbackNames,
  SupersededError,
  type CallbackName,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { countSteps } from './sweep.js';
import { after, before, World, type WorldOptions } from './world.js';

const long = process.env['TRANSITIONS_TEST_LONG'] === '1';
const stride = long ? 1 : 3;

/** Otherwise than both: what leaves, and what comes, and what is created is still otherwise. */
const other = confOf({
  peers: ['A', 'B'],
  groups: {
    stays: { primary: 'B', volumes: ['kept'] },
    leaves: ['goneToB'],
    right: ['resident', 'goneToB2'],
    comes: { primary: 'B', volumes: ['fromB'] },
    left: ['between', 'fromB2'],
    edited: { volumes: ['tuned'], options: { Cache: '3' } },
    dissolved: ['destroyed', 'rehomed'],
  },
  volumes: { tuned: { Size: '3' } },
});

interface Superseded {
  readonly world: World;
  /** The reload that ran, and the one that was asked for inside its call. */
  readonly first: TransitionReport;
  readonly second: TransitionReport;
}

/** Asks for a superseding reload inside the k-th call from now on; returns what waits for it. */
function supersedeIn(
  world: World,
  step: number,
  newest: ConfMap,
  spoil: (world: World) => void = () => {},
): () => Promise<TransitionReport> {
  const { harness, faults } = world;
  let asked: Promise<TransitionReport> | undefined;
  faults.duringCall(step, () => {
    asked = harness.coordinator.signaled({
      load: () => newest,
      reason: 'newest',
      supersede: true,
    });
    spoil(world);
  });
  return () => harness.settle(asked!);
}

/** Boots, and asks for a superseding reload inside the k-th call of another. */
async function supersedeDuring(
  step: number,
  options: WorldOptions,
  newest = other,
  spoil: (world: World) => void = () => {},
): Promise<Superseded> {
  const world = new World(options);
  const { harness, clock } = world;
  await harness.up(before);
  const superseding = supersedeIn(world, step, newest, spoil);
  const first = await clock.settle(
    harness.coordinator.signaled({ load: () => after, reason: 'first' }),
  );
  const second = await superseding();
  return { world, first, second };
}

async function countReload(options: WorldOptions): Promise<number> {
  return countSteps({
    options,
    prepare: (world) => world.harness.up(before),
    run: (world) => world.harness.signaled(after),
  });
}

const paces = [
  ['sequential', { pace: 'timer', withGate: true }],
  ['three at once', { pace: 'timer', concurrency: 3 }],
  ['isolated', { pace: 'timer', settings: { onFailure: 'isolate' } }],
] as const;

describe.each(paces)('during a reload (%s)', (_pace, options) => {
  it.each([
    ['something else', other],
    ['what was', before],
    ['the same', after],
  ])(
    'I50 F180 at every step it stops and the newer one goes on: %s',
    async (_name, newest) => {
      const steps = await countReload(options);
      for (let step = 1; step < steps; step += stride) {
        const { world, first, second } = await supersedeDuring(
          step,
          options,
          newest,
        );
        expect(second.outcome, `step ${step}`).toMatch(/^(applied|unchanged)$/);
        expect(first.outcome, `step ${step}`).toBe('superseded');
        expect(first.supersededBy).toBe(second.generation);
        expect(first.errors).toEqual([expect.any(SupersededError)]);
        expect((await world.harness.down()).outcome).toBe('applied');
      }
    },
  );
});

it.each(paces)(
  'I50 F180 no two transitions plan one generation, and each is named by what supersedes it (%s)',
  async (_pace, options) => {
    const steps = await countReload(options);
    // Each one: what matters most is the last step before a plan is told.
    for (let step = 1; step < steps; step++) {
      const { world, first, second } = await supersedeDuring(step, options);
      const { events } = world.harness;
      const planned = events.flatMap((event) =>
        event.type === 'transitionPlanned' ? [event] : [],
      );
      const generations = planned.map(({ generation }) => generation);
      expect(new Set(generations).size, `step ${step}`).toBe(
        generations.length,
      );
      expect(generations, `step ${step}`).toEqual(
        generations.toSorted((a, b) => a - b),
      );
      expect(planned.at(-1), `step ${step}`).toMatchObject({
        id: second.id,
        generation: first.supersededBy,
      });
    }
  },
);

/** The calls that are about participants themselves. */
function brackets(world: World): string[] {
  return world.harness.monitor.log.calls
    .filter(({ callback }) => callback.startsWith('signaled'))
    .map(({ id, participant, callback }) => `#${id} ${participant}.${callback}`)
    .slice(3);
}

function servedAt({ harness }: World): readonly (readonly string[])[] {
  return harness
    .snapshot()
    .participants.slice(0, 3)
    .map(({ served }) => served.toSorted());
}

it('what a superseded reload was vetoed with comes after what superseded it (F180)', async () => {
  const { harness, faults } = new World({});
  await harness.up(before);
  let asked: Promise<TransitionReport> | undefined;
  // In its first call, a validate, which vetoes later.
  faults.atCall(1, 'lateFail', 30_001);
  faults.duringCall(1, () => {
    asked = harness.coordinator.signaled({
      load: () => other,
      reason: 'newest',
      supersede: true,
    });
  });
  const first = await harness.signaled(after);
  expect(first.outcome).toBe('superseded');
  expect(first.errors.map(({ name }) => name)).toEqual([
    'SupersededError',
    'VetoError',
  ]);
  expect((await harness.settle(asked!)).outcome).toBe('applied');
});

describe('the one that takes over', () => {
  const options = { pace: 'timer' } as const;

  it('closes what the one before has opened: everyone sees one signaledStart and one signaledFinish', async () => {
    const steps = await countReload(options);
    // In the first signaledFinish of three.
    const { world } = await supersedeDuring(steps - 2, options);
    expect(brackets(world)).toEqual([
      '#2 router.signaledStart',
      '#2 cache.signaledStart',
      '#2 store.signaledStart',
      '#2 store.signaledFinish',
      '#3 store.signaledStart',
      '#3 store.signaledFinish',
      '#3 cache.signaledFinish',
      '#3 router.signaledFinish',
    ]);
  });

  it('tells everyone who waited: of the one that was superseded, and of the one that went on', async () => {
    const world = new World(options);
    const { harness, faults } = world;
    await harness.up(before);
    let asked: Promise<readonly TransitionReport[]> | undefined;
    faults.duringCall(20, () => {
      const requests = [after, other].map((confMap, index) =>
        harness.coordinator.signaled({
          load: () => confMap,
          reason: `later ${index}`,
          supersede: index === 1,
        }),
      );
      asked = Promise.all(requests);
    });
    const first = await harness.signaled(after);
    const later = await harness.settle(asked!);
    expect(first.outcome).toBe('superseded');
    expect(first.errors[0]?.message).toBe(
      'Generation 3 (later 1) took over at the next step and goes on from what is held',
    );
    expect(later.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      '3 applied',
      '3 applied',
    ]);
  });

  it('is superseded by a third, and undoing it goes back to where the first one began', async () => {
    const world = new World(options);
    const { harness, faults, clock } = world;
    await harness.up(before);
    const was = servedAt(world);
    const asked: Promise<TransitionReport>[] = [];
    const ask = (confMap: typeof after) => () => {
      const load = (): typeof after => confMap;
      const request = { load, reason: 'newest', supersede: true };
      asked.push(harness.coordinator.signaled(request));
    };
    faults.duringCall(12, ask(other));
    faults.duringCall(24, ask(after));
    faults.at({ participant: 'cache', callback: 'volumeChanged' }, 'throw');
    const first = await clock.settle(
      harness.coordinator.signaled({ load: () => after, reason: 'first' }),
    );
    await clock.settle(asked[0]!);
    const [second, third] = await harness.settle(Promise.all(asked));
    expect([first, second, third].map((report) => report?.outcome)).toEqual([
      'superseded',
      'superseded',
      'rolledBack',
    ]);
    const released = new Set(third!.released);
    expect(servedAt(world)).toEqual(
      was.map((served) => served.filter((name) => !released.has(name))),
    );
    // The second one let go of `kept`; the third gives it to this peer again, and
    // had not served it yet.
    expect(third!.released.toSorted()).toEqual(['goneToB', 'goneToB2', 'kept']);
  });

  it.each(['throw', 'hang', 'lateOk', 'lateFail'] as const)(
    'I15 I23 I25 F180 a %s in it leaves what can be mended, and what was let go stays let go',
    async (fault) => {
      const steps = await countReload(options);
      for (let step = 2; step < steps; step += stride * 5) {
        for (let later = 1; later < 60; later += stride * 4) {
          const { world, second } = await supersedeDuring(
            step,
            options,
            other,
            ({ faults }) => faults.atCall(later, fault),
          );
          world.faults.clear();
          await world.harness.checkAfter(200_000);
          const { unknown } = world.harness.snapshot();
          for (const { target, participant, callback } of unknown) {
            const isGroup = callback.startsWith('volumeGroup');
            await world.harness.reset(
              target === undefined
                ? { participant }
                : isGroup
                  ? { group: target }
                  : target,
            );
          }
          const mended = await world.harness.signaled(other);
          expect(mended.outcome, `${second.outcome} ${step} ${later}`).toMatch(
            /^(applied|unchanged)$/,
          );
        }
      }
    },
  );

  it('puts back what it sets aside, with the group that one has forgotten meanwhile', async () => {
    const renamed = confOf({ groups: { h: ['v'] } });
    const { harness, faults } = new World({
      pace: 'timer',
      settings: { onFailure: 'isolate' },
    });
    await harness.up(confOf({ groups: { g: ['v'] } }));
    let asked: Promise<TransitionReport> | undefined;
    // The first volumeDestroyed, which is router's.
    faults.duringCall(13, () => {
      asked = harness.coordinator.signaled({
        load: () => renamed,
        reason: 'newest',
        supersede: true,
      });
    });
    faults.at(
      { participant: 'router', callback: 'volumeGroupCreated', target: 'h' },
      'throw',
      1,
    );
    const first = await harness.signaled(confOf({ groups: {} }));
    const second = await harness.settle(asked!);
    expect([first.outcome, second.outcome]).toEqual(['superseded', 'partial']);
    const { participants } = harness.snapshot();
    for (const { groups, served } of participants.slice(0, 3)) {
      expect({ groups, served }).toEqual({ groups: ['g'], served: ['v'] });
    }
    expect((await harness.signaled(renamed)).outcome).toBe('applied');
  });

  it('puts back what it sets aside, with the options that its group had', async () => {
    const withOption = (group: string, option: string) =>
      confOf({
        groups: { [group]: { volumes: ['v'], options: { Cache: option } } },
      });
    const { harness, faults } = new World({
      pace: 'timer',
      withGate: true,
      settings: { onFailure: 'isolate' },
    });
    await harness.up(withOption('g', '1'));
    let asked: Promise<TransitionReport> | undefined;
    // The first volumeGroupChanged, which is store's.
    faults.duringCall(7, () => {
      asked = harness.coordinator.signaled({
        load: () => withOption('h', '1'),
        reason: 'newest',
        supersede: true,
      });
    });
    const announcement = {
      participant: 'router',
      callback: 'volumeToBeUnserved',
    } as const;
    faults.at(announcement, 'throw', 1);
    await harness.signaled(withOption('g', '2'));
    const second = await harness.settle(asked!);
    expect(second.outcome).toBe('partial');
    const calls = [...second.steps].flatMap(
      ({ participant, callback, target }) =>
        callback === 'volumeGroupChanged' ? [`${participant} ${target}`] : [],
    );
    expect(calls).toEqual(['store g']);
    const mended = await harness.signaled(withOption('h', '1'));
    expect(mended.outcome).toBe('applied');
  });

  it('serves what the one before let go, where its configuration gives that to this peer again', async () => {
    const world = new World(options);
    const { harness, faults } = world;
    await harness.up(before);
    let asked: Promise<TransitionReport> | undefined;
    const { calls } = harness.monitor.log;
    faults.duringCall(await unserveAtStore('goneToB2'), () => {
      asked = harness.coordinator.signaled({
        load: () => before,
        reason: 'back',
        supersede: true,
      });
    });
    await harness.signaled(after);
    expect((await harness.settle(asked!)).outcome).toBe('applied');
    expect(
      calls
        .filter(({ target, id }) => target === 'goneToB2' && id > 1)
        .map(({ participant, callback }) => `${participant}.${callback}`),
    ).toEqual([
      'router.volumeToBeUnserved',
      'cache.volumeToBeUnserved',
      'store.volumeToBeUnserved',
      'router.unserveVolume',
      'cache.unserveVolume',
      'store.unserveVolume',
      'store.serveVolume',
      'cache.serveVolume',
      'router.serveVolume',
    ]);
  });

  /** The number of the last unserveVolume of a volume, in a reload from `before` to `after`. */
  async function unserveAtStore(volumeName: string): Promise<number> {
    const world = new World(options);
    await world.harness.up(before);
    await world.harness.signaled(after);
    const own = world.harness.monitor.log.calls.filter(({ id }) => id === 2);
    return (
      1 +
      own.findIndex(
        (call) =>
          call.participant === 'store' &&
          call.callback === 'unserveVolume' &&
          call.target === volumeName,
      )
    );
  }
});

describe('what is not superseded', () => {
  const options = { pace: 'timer' } as const;
  const ask = (world: World, confMap = other): Promise<TransitionReport> =>
    world.harness.coordinator.signaled({
      load: () => confMap,
      reason: 'newest',
      supersede: true,
    });

  it('F180 a reload, by a configuration that is not good: it goes on, and that one is refused in its turn', async () => {
    const invalid = confOf({ groups: { a: ['v'], b: ['v'] }, peers: ['A'] });
    const steps = await countReload(options);
    for (let step = 1; step < steps; step += 7) {
      const { first, second } = await supersedeDuring(step, options, invalid);
      expect([first.outcome, second.outcome]).toEqual(['applied', 'rejected']);
    }
  });

  it('F180 a reload, by a configuration that a participant vetoes, or that would unserve too much', async () => {
    const vetoed = await supersedeDuring(30, options, other, ({ faults }) =>
      faults.at({ participant: 'cache', callback: 'validate' }, 'throw'),
    );
    expect([vetoed.first.outcome, vetoed.second.outcome]).toEqual([
      'applied',
      'rejected',
    ]);
    const settings = { maxUnserve: 5 };
    const nothing = confOf({
      peers: ['A', 'B'],
      groups: { stays: { primary: 'B', volumes: ['kept'] } },
    });
    const limited = { ...options, settings };
    const tooMuch = await supersedeDuring(30, limited, nothing);
    expect([tooMuch.first.outcome, tooMuch.second.outcome]).toEqual([
      'applied',
      'rejected',
    ]);
  });

  it('a boot', async () => {
    const world = new World(options);
    let asked: Promise<TransitionReport> | undefined;
    world.faults.duringCall(9, () => {
      asked = ask(world);
    });
    expect((await world.harness.up(before)).outcome).toBe('applied');
    expect((await world.harness.settle(asked!)).outcome).toBe('applied');
  });

  it('a rollback that has begun', async () => {
    const world = new World(options);
    const { harness, faults } = world;
    await harness.up(before);
    let asked: Promise<TransitionReport> | undefined;
    faults.atCall(40, 'throw');
    faults.duringCall(45, () => {
      asked = ask(world);
    });
    expect((await harness.signaled(after)).outcome).toBe('rolledBack');
    expect((await harness.settle(asked!)).outcome).toBe('applied');
  });

  it('a reset', async () => {
    const world = new World(options);
    const { harness, faults } = world;
    await harness.up(before);
    let asked: Promise<TransitionReport> | undefined;
    faults.duringCall(2, () => {
      asked = ask(world);
    });
    expect((await harness.reset('kept')).outcome).toBe('unchanged');
    expect((await harness.settle(asked!)).outcome).toBe('applied');
  });
});

describe('a Down', () => {
  it('F52 F180 pre-empts both at every step, and takes down what is really up', async () => {
    const options = { pace: 'timer' } as const;
    const steps = await countReload(options);
    for (let step = 1; step < steps; step += stride * 3) {
      for (let later = 1; later < 40; later += stride * 3) {
        let down: Promise<TransitionReport> | undefined;
        const { world } = await supersedeDuring(
          step,
          options,
          other,
          ({ faults, harness }) =>
            faults.duringCall(later, () => {
              down = harness.coordinator.down('test');
            }),
        );
        const report = await world.clock.settle(
          down ?? world.harness.coordinator.down('test'),
        );
        expect(report.outcome, `${step} ${later}`).toBe('applied');
        await world.harness.checkAfter(0);
      }
    }
  });

  it('that is about to come refuses the newer one, and the one that runs is done', async () => {
    const options = { pace: 'timer' } as const;
    const { first, second } = await supersedeDuring(
      20,
      options,
      other,
      ({ harness }) => harness.coordinator.retire(),
    );
    expect([first.outcome, second.outcome]).toEqual(['applied', 'rejected']);
  });
});

it('F180 I1 what both reloads created is destroyed in the order of the newer one', async () => {
  const [one, two, three] = [['a'], ['a', 'w'], ['a', 'v', 'w']].map(
    (volumes) => confOf({ groups: { g: volumes } }),
  );
  const steps = await countSteps({
    options: { pace: 'timer' },
    prepare: (world) => world.harness.up(one!),
    run: (world) => world.harness.signaled(two!),
  });
  for (let step = 1; step < steps; step++) {
    const world = new World({ pace: 'timer' });
    const { harness, clock } = world;
    await harness.up(one!);
    const superseding = supersedeIn(world, step, three!, ({ faults }) =>
      faults.at({ callback: 'serveVolume', target: 'v' }, 'throw', 1),
    );
    await clock.settle(
      harness.coordinator.signaled({ load: () => two!, reason: 'first' }),
    );
    // The monitor judges the order of what is undone.
    const report = await superseding();
    expect(report.outcome, `step ${step}`).toBe('rolledBack');
  }
});

it('a reload is refused for what hangs that only a superseded reload knew, where it takes the group away', async () => {
  const world = new World({});
  const { harness, faults, clock } = world;
  await harness.up(confOf({ groups: { g: [], h: ['w'] } }));
  // Three were asked to validate, three told of the start; the next creates it.
  const newest = confOf({ groups: { g: [], h: ['w'] } });
  const superseding = supersedeIn(world, 7, newest);
  faults.at({ participant: 'store', callback: 'volumeDestroyed' }, 'hang', 1);
  await clock.settle(
    harness.coordinator.signaled({
      load: () => confOf({ groups: { g: ['v'], h: ['w'] } }),
      reason: 'first',
    }),
  );
  expect((await superseding()).outcome).toBe('degraded');
  const renamed = await harness.signaled(
    confOf({ groups: { other: [], h: ['w'] } }),
  );
  expect(renamed.outcome).toBe('rejected');
});

it.each(['rollback', 'isolate'] as const)(
  'what is undone while a newer reload asks the participants has all of its time, under %s',
  async (onFailure) => {
    const world = new World({ settings: { onFailure } });
    const { harness, faults, clock } = world;
    const more = confOf({ groups: { g: ['v'], h: [] } });
    await harness.up(confOf({ groups: { g: ['v'] } }));
    faults.at(
      { participant: 'store', callback: 'volumeGroupCreated' },
      'throw',
      1,
    );
    // Three were asked to validate; inside the second signaledStart.
    const superseding = supersedeIn(world, 5, more, () =>
      faults.at({ participant: 'store', callback: 'validate' }, 'hang', 1),
    );
    const first = await clock.settle(
      harness.coordinator.signaled({ load: () => more, reason: 'first' }),
    );
    expect(first.outcome).toBe(
      onFailure === 'rollback' ? 'rolledBack' : 'partial',
    );
    expect((await superseding()).outcome).toBe('applied');
  },
);

it('nobody is told of a reload that supersedes where all were told of the one before, and none waits for its end', async () => {
  const only: CallbackName[] = ['signaledStart', 'volumeGroupCreated'];
  const lacking = callbackNames.filter((name) => !only.includes(name));
  const world = new World({ lacking: [lacking, lacking, lacking] });
  const { harness, clock } = world;
  const conf = confOf({ groups: { g: [] } });
  await harness.up(conf);
  const superseding = supersedeIn(world, 1, conf);
  const first = harness.coordinator.signaled({
    load: () => conf,
    reason: 'first',
  });
  expect((await clock.settle(first)).outcome).toBe('superseded');
  const second = await superseding();
  expect([second.outcome, [...second.steps]]).toEqual(['unchanged', []]);
});
