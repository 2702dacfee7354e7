import type { Clock, TransitionReport } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { makeGroups, type Group } from './groups.js';
import { Service } from './service.js';
import { loadCounted } from './work-counter.js';

const counted = await loadCounted();
const { counter } = counted;

const [groups, away] = (['here', 'there'] as const).map((peer) =>
  makeGroups(1_300, 1).map((group): Group => ({ ...group, peer })),
) as [Group[], Group[]];
/** Four times the records between two yields, as a function may look at each more than once. */
const mostBetweenLooks = 1_024;
const participants = 2;
const serveCalls = groups.length * participants;

/**
 * A clock that notes what was done since it was looked at last. Time passes with
 * each look, so that a slice is over with the second one, but for those between
 * callbacks, which have laws of their own.
 */
class LookedAtClock implements Clock {
  /** The most that a function, or a loop, did between two looks. */
  private readonly most = new Map<string, number>();
  private time = 0;
  private hasCalled = false;

  now(): number {
    return this.time;
  }

  tick(): number {
    for (const [name, times] of counter.take()) {
      this.most.set(name, Math.max(times, this.most.get(name) ?? 0));
    }
    if (!this.hasCalled) this.time += 5;
    this.hasCalled = false;
    return this.time;
  }

  startTimer(): () => void {
    return () => {};
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

  constructor(onFailure: 'rollback' | 'isolate' = 'rollback', fails = 0) {
    this.service = new Service(counted, {
      clock: this.clock,
      onFailure,
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
  async up(wanted: readonly Group[]): Promise<this> {
    const { outcome } = await this.service.up(wanted);
    if (outcome !== 'applied') throw new Error(`The boot was ${outcome}`);
    return this;
  }

  /** How it ended, and what was done too often between two looks. */
  async watch(
    run: (service: Service) => Promise<TransitionReport>,
  ): Promise<[TransitionReport['outcome'], string[]]> {
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

  it('in a Down', async () => {
    const scene = await new Scene().up(groups);
    const watched = await scene.watch((service) => service.down());
    expect(watched).toEqual(['applied', []]);
  });
});
