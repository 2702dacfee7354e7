import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Coordinator } from '../coordinator.js';
import { openGuard } from '../guard.js';
import type { TransitionCallbacks } from '../model/callbacks.js';
import type { Participant } from '../model/participant.js';
import type { TransitionEvent } from '../report/events.js';
import { defaultSettings } from '../transition/settings.js';
import { systemClock } from '../../ports/system-clock.js';

/** Peer A serves the volumes that are named. */
function serving(...volumes: string[]): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'A' },
    FSGlobals: { VolumeGroupList: ['g'] },
    'VolumeGroup:g': {
      PrimaryPeer: 'A',
      VirtualIPAddr: [],
      VolumeList: volumes,
    },
  });
}

interface Held {
  readonly finish: () => void;
  readonly fail: () => void;
}

/** A store whose calls are finished by hand, and a gate that keeps pace with it. */
class World {
  readonly journal: string[] = [];
  readonly events: TransitionEvent[] = [];
  readonly held = new Map<string, Held>();
  readonly coordinator: Coordinator;

  constructor(settings: Partial<typeof defaultSettings> = {}) {
    this.coordinator = new Coordinator(
      [
        this.participant('cache', this.noting('cache')),
        this.participant('store', this.heldByHand()),
        this.participant('silent', {}),
        { ...this.participant('gate', this.noting('gate')), keepsPace: true },
      ],
      {
        settings: { ...defaultSettings, ...settings },
        clock: systemClock,
        sink: {
          emit: (event) => void this.events.push(event),
          wantsSteps: () => true,
        },
        random: () => 0.5,
        guard: openGuard,
      },
    );
  }

  private participant(
    name: string,
    callbacks: TransitionCallbacks,
  ): Participant {
    return { name, order: 0, callbacks, concurrency: 2, timeout: undefined };
  }

  private noting(name: string): TransitionCallbacks {
    return {
      serveVolume: (_confMap, volume) =>
        void this.journal.push(`${name} serves ${volume}`),
      unserveVolume: (_confMap, volume) =>
        void this.journal.push(`${name} unserves ${volume}`),
    };
  }

  private heldByHand(): TransitionCallbacks {
    return {
      ...this.noting('store'),
      serveVolume: (_confMap, volume) =>
        new Promise((resolve, reject) => {
          this.journal.push(`store begins ${volume}`);
          this.held.set(volume, {
            finish: () => {
              this.journal.push(`store serves ${volume}`);
              resolve();
            },
            fail: () => reject(new Error(volume)),
          });
        }),
    };
  }

  up(...volumes: string[]) {
    const load = () => serving(...volumes);
    return this.coordinator.up({ load, reason: 'test' });
  }

  async finish(volume: string): Promise<void> {
    this.held.get(volume)!.finish();
    await settle();
  }

  served(name: string): readonly string[] {
    const { participants } = this.coordinator.snapshot();
    return participants.find((one) => one.name === name)!.served;
  }
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// No time passes by itself, so that nobody is told to pause, or runs out of it.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['hrtime', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('who keeps pace serves each volume as soon as the participant before has served it', async () => {
  const world = new World();
  const up = world.up('u', 'v', 'w');
  await settle();
  await world.finish('v');
  await world.finish('w');
  await world.finish('u');
  expect((await up).outcome).toBe('applied');
  expect(world.journal).toEqual([
    'cache serves u',
    'cache serves v',
    'cache serves w',
    'store begins u',
    'store begins v',
    'store serves v',
    'gate serves v',
    'store begins w',
    'store serves w',
    'gate serves w',
    'store serves u',
    'gate serves u',
  ]);
});

it('a snapshot meanwhile shows what has been served, and not what is in flight', async () => {
  const world = new World();
  const up = world.up('u', 'v', 'w');
  await settle();
  await world.finish('v');
  expect([world.served('store'), world.served('gate')]).toEqual([['v'], ['v']]);
  await world.finish('w');
  await world.finish('u');
  await up;
  expect(world.served('gate')).toEqual(['u', 'v', 'w']);
});

it('what was served before another volume failed is unserved in order again, and nothing more is served', async () => {
  const world = new World();
  const up = world.up('u', 'v', 'w');
  await settle();
  await world.finish('u');
  world.held.get('v')!.fail();
  await world.finish('w');
  expect((await up).outcome).toBe('rolledBack');
  expect(world.journal.slice(5)).toEqual([
    'store serves u',
    'gate serves u',
    'store begins w',
    'store serves w',
    'gate unserves u',
    'store unserves w',
    'store unserves u',
    'cache unserves w',
    'cache unserves v',
    'cache unserves u',
  ]);
});

it('in a rollback, too, each volume is served again as soon as the one before serves it', async () => {
  const world = new World();
  const up = world.up('u', 'v');
  await settle();
  await world.finish('u');
  await world.finish('v');
  await up;
  world.journal.length = 0;
  const reload = world.coordinator.signaled({
    load: () => serving('w'),
    reason: 'test',
  });
  await settle();
  world.held.get('w')!.fail();
  await settle();
  await world.finish('v');
  await world.finish('u');
  expect((await reload).outcome).toBe('rolledBack');
  expect(world.journal.slice(-7)).toEqual([
    'cache serves v',
    'store begins u',
    'store begins v',
    'store serves v',
    'gate serves v',
    'store serves u',
    'gate serves u',
  ]);
});

it('where one volume is set aside, who keeps pace serves the others and not that one', async () => {
  const world = new World({ onFailure: 'isolate' });
  const up = world.up('u', 'v');
  await settle();
  world.held.get('u')!.fail();
  await settle();
  await world.finish('v');
  const { outcome, failed } = await up;
  expect(outcome).toBe('partial');
  expect(failed.map(({ volume }) => volume)).toEqual(['u']);
  expect(world.served('gate')).toEqual(['v']);
});

it('what ran out of time is not served by who keeps pace', async () => {
  const world = new World({ callbackTimeout: 20, onFailure: 'isolate' });
  const up = world.up('u', 'v');
  await settle();
  await world.finish('v');
  await vi.advanceTimersByTimeAsync(20);
  expect((await up).outcome).toBe('partial');
  expect(world.served('gate')).toEqual(['v']);
  expect(world.journal).not.toContain('gate serves u');
});

it('steps and phases of who keeps pace are told as those of others are', async () => {
  const world = new World();
  const up = world.up('u', 'v');
  await settle();
  await world.finish('u');
  await world.finish('v');
  const { steps } = await up;
  const told = world.events.flatMap((event) =>
    'callback' in event && event.callback === 'serveVolume'
      ? `${event.type} ${event.participant} ${'target' in event ? event.target : 'all'}`
      : [],
  );
  expect(told.slice(5)).toEqual([
    'stepStarted store u',
    'stepStarted store v',
    'stepEnded store u',
    'stepStarted gate u',
    'stepEnded gate u',
    'stepEnded store v',
    'stepStarted gate v',
    'stepEnded gate v',
    'phaseEnded store all',
    'phaseEnded gate all',
  ]);
  const served = [...steps].filter(({ participant }) => participant === 'gate');
  expect(served.map(({ target }) => target)).toEqual(['u', 'v']);
});
