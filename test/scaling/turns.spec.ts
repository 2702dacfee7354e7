import type { Clock, TransitionOutcome } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { makeGroups, type Group } from './groups.js';
import { Service } from './service.js';
import { loadCounted } from './work-counter.js';

const counted = await loadCounted();
const { counter } = counted;

const [groups, away] = (['here', 'there'] as const).map((peer) =>
  makeGroups(900, 1).map((group): Group => ({ ...group, peer })),
) as [Group[], Group[]];
/** Three times the records between two yields, as a function may look at each more than once. */
const mostBetweenLooks = 800;
const participants = 2;
const serveCalls = groups.length * participants;

/**
 * A clock that notes what was done since it was looked at last. A slice is over
 * after eight looks, but for those between callbacks, which have laws of their own.
 */
class LookedAtClock implements Clock {
  /** The most that a function, or a loop, did between two looks. */
  private readonly most = new Map<string, number>();
  private time = 0;
  private looks = 0;
  private hasCalled = false;
  private readonly timers = new Set<() => void>();

  now(): number {
    return this.time;
  }

  tick(): number {
    for (const [name, times] of counter.take()) {
      this.most.set(name, Math.max(times, this.most.get(name) ?? 0));
    }
    if (!this.hasCalled && ++this.looks % 8 === 0) this.time += 10;
    this.hasCalled = false;
    return this.time;
  }

  startTimer(callback: () => void): () => void {
    this.timers.add(callback);
    return () => this.timers.delete(callback);
  }

  /** The time of everything is up. */
  fire(): void {
    this.time += 1e6;
    for (const callback of new Set(this.timers)) {
      this.timers.delete(callback);
      callback();
    }
  }

  yieldTo(callback: () => void): void {
    queueMicrotask(callback);
  }

  called(): void {
    this.hasCalled = true;
  }

  /** Forgets what it noted. */
  begin(): void {
    counter.take();
    this.most.clear();
  }

  /** What was done too often between two looks. */
  end(): string[] {
    this.tick();
    return [...this.most]
      .filter(([, times]) => times > mostBetweenLooks)
      .map(([name, times]) => `${name}: ${times} times`);
  }
}

/** A service, and what its transitions do between two looks. */
class Scene {
  private readonly clock = new LookedAtClock();
  private readonly service: Service;
  private calls = 0;

  constructor(
    onFailure: 'rollback' | 'isolate' = 'rollback',
    fails = 0,
    maxUnserve = Infinity,
  ) {
    this.service = new Service(counted, {
      clock: this.clock,
      onFailure,
      maxUnserve,
      participants,
      callbacks: ['serveVolume', 'unserveVolume'],
    });
    this.service.onCall = (callback) => {
      this.clock.called();
      if (callback === 'serveVolume' && ++this.calls === fails) {
        throw new Error('as planned');
      }
    };
  }

  /** Before what is watched. */
  async up(
    wanted: readonly Group[],
    expected: TransitionOutcome = 'applied',
  ): Promise<this> {
    const { outcome } = await this.service.up(wanted);
    if (outcome !== expected) throw new Error(`The boot was ${outcome}`);
    return this;
  }

  /** Before what is watched: the time of the first serveVolume is up. */
  async upUnknown(wanted: readonly Group[]): Promise<this> {
    const { service, clock } = this;
    const { onCall } = service;
    let isFirst = true;
    service.onCall = (callback) => {
      clock.called();
      if (callback !== 'serveVolume' || !isFirst) return undefined;
      isFirst = false;
      setImmediate(() => clock.fire());
      return new Promise(() => {});
    };
    const { outcome } = await service.up(wanted);
    service.onCall = onCall;
    if (outcome !== 'partial') throw new Error(`The boot was ${outcome}`);
    if (service.unknown !== 1) throw new Error('Nothing is unknown');
    return this;
  }

  /** How it ended, and what was done too often between two looks. */
  async watch<Outcome>(
    run: (service: Service) => Promise<{ readonly outcome: Outcome }>,
  ): Promise<[Outcome, string[]]> {
    this.clock.begin();
    const { outcome } = await run(this.service);
    return [outcome, this.clock.end()];
  }
}

describe('between two looks at the clock no function runs, and no loop goes round, for all volumes', () => {
  it('in a boot', async () => {
    const scene = new Scene();
    const watched = await scene.watch((service) => service.up(groups));
    expect(watched).toEqual(['applied', []]);
  });

  it('in a reload that brings all volumes here', async () => {
    const scene = await new Scene().up(away);
    const watched = await scene.watch((service) => service.reload(groups));
    expect(watched).toEqual(['applied', []]);
  });

  it('in the rollback of such a reload', async () => {
    const scene = await new Scene('rollback', serveCalls).up(away);
    const watched = await scene.watch((service) => service.reload(groups));
    expect(watched).toEqual(['rolledBack', []]);
  });

  it('in such a reload that sets a volume aside', async () => {
    const scene = await new Scene('isolate', serveCalls).up(away);
    const watched = await scene.watch((service) => service.reload(groups));
    expect(watched).toEqual(['partial', []]);
  });

  it('in a reload beside a callback that has not settled', async () => {
    const scene = await new Scene('isolate').upUnknown(groups);
    const watched = await scene.watch((service) => service.reload(away));
    expect(watched).toEqual(['degraded', []]);
  });

  it('in a reload that is refused for all that it would unserve', async () => {
    const scene = await new Scene('rollback', 0, 10).up(groups);
    const watched = await scene.watch((service) => service.reload(away));
    expect(watched).toEqual(['rejected', []]);
  });

  it('in a reload whose configuration was parsed by itself', async () => {
    const scene = await new Scene().up(away);
    const watched = await scene.watch((service) =>
      service.reloadForeign(groups),
    );
    expect(watched).toEqual(['applied', []]);
  });

  it('in a dry run', async () => {
    const scene = await new Scene().up(away);
    const watched = await scene.watch((service) => service.dryRun(groups));
    expect(watched).toEqual(['applied', []]);
  });

  it('in the reset of a volume, of a participant, and when a volume breaks', async () => {
    const scene = await new Scene('isolate', 1).up(groups, 'partial');
    const reset = await scene.watch(({ coordinator }) =>
      coordinator.reset('g0v0'),
    );
    expect(reset).toEqual(['applied', []]);
    const ofParticipant = await scene.watch(({ coordinator }) =>
      coordinator.reset({ participant: 'participant 1' }),
    );
    expect(ofParticipant).toEqual(['unchanged', []]);
    const broken = await scene.watch(({ coordinator }) =>
      coordinator.fail('g1v0', new Error('a disk is gone')),
    );
    expect(broken).toEqual(['partial', []]);
  });

  it('in a Down', async () => {
    const scene = await new Scene().up(groups);
    const watched = await scene.watch((service) => service.down());
    expect(watched).toEqual(['applied', []]);
  });
});
