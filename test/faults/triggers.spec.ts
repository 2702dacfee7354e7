import { ConfMap } from '@nestjs-transitions/conf';
import { confOf, TransitionsHarness } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './world.js';

const long = process.env['TRANSITIONS_TEST_LONG'] === '1';

const confWith = (...volumes: string[]) => confOf({ groups: { g: volumes } });

describe('many reloads at once', () => {
  it.each(['sync', 'timer'] as const)(
    'F50 I30 I31 a thousand become the one that runs and one more, with the newest configuration; everyone learns which (%s)',
    async (pace) => {
      const { harness } = new World({ pace });
      await harness.up(confWith());
      const { coordinator } = harness;
      const reports = await harness.clock.settle(
        Promise.all(
          Array.from({ length: 1000 }, (_, index) =>
            coordinator.signaled({
              load: () => confWith(`v${index}`),
              reason: `signal ${index}`,
            }),
          ),
        ),
      );
      await harness.checkAfter(0);
      expect(new Set(reports.map(({ id }) => id)).size).toBe(2);
      expect(
        reports.map(({ generation }) => generation).toSorted((a, b) => a - b),
      ).toEqual([2, ...Array.from({ length: 999 }, () => 3)]);
      expect(harness.snapshot().participants[0]?.served).toEqual(['v999']);
      expect(reports.at(-1)?.reason).toBe('signal 999');
    },
  );

  it('F61 I10 I11 I30 whatever the interleaving of reloads, resets, callbacks and a Down, transitions do not overlap and everyone gets an outcome', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('reload', 'bad', 'reset', 'down'), {
          maxLength: 8,
        }),
        fc.constantFrom(1, 3),
        async (scheduler, triggers, concurrency) => {
          const harness = scheduled(scheduler, concurrency);
          const { coordinator } = harness;
          const asked: Promise<TransitionReport>[] = [
            coordinator.up({ load: () => confWith('a', 'b'), reason: 'up' }),
          ];
          scheduler.scheduleSequence(
            triggers.map((trigger, index) => async () => {
              asked.push(
                trigger === 'down'
                  ? coordinator.down('test')
                  : trigger === 'reset'
                    ? coordinator.reset('a')
                    : coordinator.signaled({
                        load: () =>
                          trigger === 'bad'
                            ? ConfMap.parse('')
                            : confWith('a', `v${index}`),
                        reason: String(index),
                      }),
              );
            }),
          );
          await scheduler.waitIdle();
          const reports = await scheduler.waitFor(Promise.all(asked));
          await harness.checkAfter(0);
          expect(reports.length).toBe(triggers.length + 1);
          expect(harness.snapshot().busy).toBe(false);
          const ended = harness.events.filter(
            ({ type }) => type === 'transitionEnded',
          );
          const begun = harness.events.filter(
            ({ type }) => type === 'transitionStarted',
          );
          expect(ended.length).toBe(begun.length);
        },
      ),
      { numRuns: long ? 5_000 : 150 },
    );
  });
});

/** Callbacks settle when, and in the order that, the scheduler says. */
function scheduled(
  scheduler: fc.Scheduler,
  concurrency: number,
): TransitionsHarness {
  const callback = () => scheduler.schedule(Promise.resolve(undefined));
  return new TransitionsHarness({
    participants: ['store', 'router'].map((name) => ({
      name,
      concurrency,
      callbacks: {
        up: callback,
        volumeCreated: callback,
        serveVolume: callback,
        unserveVolume: callback,
        signaledFinish: callback,
        down: callback,
      },
    })),
  });
}

describe('what is offered', () => {
  it('F29 an identical configuration sends signaledStart and signaledFinish, and retries what had failed', async () => {
    const world = new World({ settings: { onFailure: 'isolate' } });
    const { harness, faults } = world;
    await harness.up(confWith('a'));
    const same = await harness.signaled(confWith('a'));
    expect(same.outcome).toBe('unchanged');
    const names = [...same.steps].map(({ callback }) => callback);
    expect(new Set(names)).toEqual(
      new Set(['validate', 'signaledStart', 'signaledFinish']),
    );
    faults.at({ callback: 'serveVolume', target: 'b' }, 'throw', 1);
    expect((await harness.signaled(confWith('a', 'b'))).outcome).toBe(
      'partial',
    );
    const again = await harness.signaled(confWith('a', 'b'));
    expect(again.outcome).toBe('applied');
    expect(harness.snapshot().participants.map(({ served }) => served)).toEqual(
      [
        ['a', 'b'],
        ['a', 'b'],
        ['a', 'b'],
      ],
    );
  });

  it('F28 an option of some section of a participant brings no volume callback', async () => {
    const { harness } = new World({});
    const conf = (level: string) =>
      confOf({ groups: { g: ['a'] }, sections: { Cache: { Level: level } } });
    await harness.up(conf('1'));
    const report = await harness.signaled(conf('2'));
    expect(report.outcome).toBe('unchanged');
    expect([...report.steps].some(({ target }) => target)).toBe(false);
    expect(harness.coordinator.configuration?.confMap.toObject()).toEqual(
      conf('2').toObject(),
    );
  });

  it('F26 another WhoAmI is refused while running', async () => {
    const { harness } = new World({});
    await harness.up(confOf({ peers: ['A', 'B'], groups: { g: ['a'] } }));
    const report = await harness.signaled(
      confOf({ peers: ['A', 'B'], whoAmI: 'B', groups: { g: ['a'] } }),
    );
    expect(report).toMatchObject({ outcome: 'rejected', configuration: 'old' });
    expect(report.errors[0]?.message).toContain(
      'Cluster.WhoAmI changes from A to B, which needs a restart',
    );
  });

  it('F27 another VirtualIPAddr is volumeGroupChanged, with the new address', async () => {
    const { harness } = new World({});
    const conf = (virtualIPAddr: string) =>
      confOf({ groups: { g: { volumes: ['a'], virtualIPAddr } } });
    await harness.up(conf('10.0.0.1'));
    await harness.signaled(conf('10.0.0.2'));
    const changed = harness.monitor.log.calls.filter(
      ({ callback }) => callback === 'volumeGroupChanged',
    );
    expect(changed.map(({ names }) => names)).toEqual(
      Array.from({ length: 3 }, () => ['g', 'A', '10.0.0.2']),
    );
  });

  it('F32 a reload that would unserve more than maxUnserve is refused, and says how many, unless it is forced', async () => {
    const { harness } = new World({ settings: { maxUnserve: 1 } });
    await harness.up(confWith('a', 'b', 'c'));
    const report = await harness.signaled(confWith('c'));
    expect(report.outcome).toBe('rejected');
    expect(report.errors[0]?.message).toContain(
      'would unserve 2 of the 3 volumes served here, more than maxUnserve allows (1)',
    );
    const forced = await harness.signaled(confWith('c'), { force: true });
    expect(forced.outcome).toBe('applied');
  });

  it('F82 an older configuration that comes back is an offer like any other, with a generation of its own', async () => {
    const { harness } = new World({});
    await harness.up(confWith('a'));
    const generations = [];
    for (const conf of [confWith('b'), confWith('a'), confWith('b')]) {
      generations.push((await harness.signaled(conf)).generation);
    }
    expect(generations).toEqual([2, 3, 4]);
    expect(harness.snapshot().participants[0]?.served).toEqual(['b']);
  });
});

describe('who listens', () => {
  it('F88 a listener that throws changes nothing', async () => {
    const listener = () => {
      throw new Error('a listener with a bug');
    };
    const { harness } = new World({ harness: { listener } });
    expect((await harness.up(confWith('a'))).outcome).toBe('applied');
    expect((await harness.signaled(confWith('b'))).outcome).toBe('applied');
    expect((await harness.down()).outcome).toBe('applied');
    expect(harness.events.map(({ type }) => type)).toContain('transitionEnded');
  });

  it('I29 every transition has one beginning and one end, and the end carries the report its caller gets', async () => {
    const { harness } = new World({});
    const reports = [
      await harness.up(confWith('a')),
      await harness.signaled(confWith('b')),
      await harness.signaled(ConfMap.parse('')),
      await harness.down(),
    ];
    const ended = harness.events.flatMap((event) =>
      event.type === 'transitionEnded' ? [event.report] : [],
    );
    expect(ended).toEqual(reports);
    expect(ended.map(({ outcome }) => outcome)).toEqual([
      'applied',
      'applied',
      'rejected',
      'applied',
    ]);
  });

  it('I24 a snapshot inside a callback has what was done, and not the callback that runs', async () => {
    const seen: string[] = [];
    const look = (callback: string) => (): void => {
      const [store] = harness.snapshot().participants;
      seen.push(
        `${callback}: ${store!.volumes.join()} served ${store!.served.join()}`,
      );
    };
    const harness: TransitionsHarness = new TransitionsHarness({
      participants: [
        {
          name: 'store',
          callbacks: {
            volumeCreated: look('created'),
            serveVolume: async () => {
              await Promise.resolve();
              look('served')();
            },
          },
        },
      ],
    });
    await harness.up(confWith('a', 'b'));
    expect(seen).toEqual([
      'created:  served ',
      'created: a served ',
      'served: a,b served ',
      'served: a,b served a',
    ]);
  });
});
