import type { Clock } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { makeGroups, type Group } from './groups.js';
import { Service } from './service.js';
import { growthBeyondFactor, loadCounted, type Work } from './work-counter.js';

const counted = await loadCounted();
const { counter } = counted;

const few = 100;
const factor = 4;

/** A clock whose timers fire when they are told to. */
class StoppedClock implements Clock {
  private time = 0;
  private readonly timers = new Set<() => void>();

  now(): number {
    return this.time;
  }

  tick(): number {
    return this.time;
  }

  startTimer(callback: () => void): () => void {
    this.timers.add(callback);
    return () => this.timers.delete(callback);
  }

  yieldTo(callback: () => void): void {
    setImmediate(callback);
  }

  /** The time of everything is up. */
  fire(): void {
    this.time += 1e9;
    for (const callback of new Set(this.timers)) {
      this.timers.delete(callback);
      callback();
    }
  }
}

/** A service all of whose volumes come into trouble. */
class Scene {
  private readonly clock = new StoppedClock();
  private readonly service: Service;
  private readonly groups: readonly Group[];
  private readonly settle: (() => void)[] = [];

  constructor(volumes: number) {
    this.groups = makeGroups(volumes, 1).map(({ name, volumes: own }) => ({
      name,
      volumes: own,
      peer: 'here',
    }));
    this.service = new Service(counted, {
      clock: this.clock,
      onFailure: 'isolate',
      participants: 3,
      callbacks: ['volumeCreated', 'serveVolume', 'unserveVolume'],
      concurrency: volumes,
    });
  }

  /** A boot in which each serveVolume fails. */
  async fail(): Promise<Work> {
    this.service.onCall = (callback) => {
      if (callback === 'serveVolume') throw new Error('as planned');
    };
    counter.take();
    const { outcome, failed } = await this.service.up(this.groups);
    const work = counter.take();
    check(outcome === 'partial' && failed.length === this.groups.length);
    return work;
  }

  /** A boot in which the time of each serveVolume is up. */
  async hang(): Promise<Work> {
    const { service, groups, settle, clock } = this;
    service.onCall = (callback) =>
      callback === 'serveVolume'
        ? new Promise((resolve) => settle.push(resolve))
        : undefined;
    counter.take();
    const booting = service.up(groups);
    while (settle.length < groups.length) await aTurn();
    // Their time begins with the end of the turn in which they were called.
    await aTurn();
    clock.fire();
    const { outcome } = await booting;
    check(outcome === 'partial' && service.unknown === groups.length);
    service.onCall = () => {};
    return counter.take();
  }

  /** They settle, all in one turn. */
  async settleLate(): Promise<Work> {
    counter.take();
    for (const each of this.settle) each();
    await aTurn();
    await aTurn();
    const work = counter.take();
    check(this.service.unknown === 0);
    return work;
  }

  /** A boot in which nothing fails, and then all volumes break in one turn. */
  async breakDown(): Promise<Work> {
    const { coordinator } = this.service;
    check((await this.service.up(this.groups)).outcome === 'applied');
    const names = this.groups.flatMap(({ volumes }) => volumes);
    counter.take();
    await Promise.all(
      names.map((name) => coordinator.fail(name, new Error('as planned'))),
    );
    const work = counter.take();
    check(coordinator.snapshot().failed.length === names.length);
    return work;
  }

  /** A reload in which nothing fails any more. */
  async mend(): Promise<Work> {
    this.service.onCall = () => {};
    counter.take();
    const { outcome } = await this.service.reload(this.groups);
    const work = counter.take();
    check(outcome === 'applied');
    return work;
  }
}

function check(isAsPlanned: boolean): void {
  if (!isAsPlanned) throw new Error('It came out otherwise than planned');
}

function aTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('with four times as many volumes in trouble there is at most four times as much work', () => {
  const scenes = () => [new Scene(few), new Scene(factor * few)] as const;

  it('when all of them fail, and in the reload after that', async () => {
    const [ofFew, ofMany] = scenes();
    const failing = [await ofFew.fail(), await ofMany.fail()] as const;
    expect(growthBeyondFactor(failing, factor)).toEqual([]);
    const mending = [await ofFew.mend(), await ofMany.mend()] as const;
    expect(growthBeyondFactor(mending, factor)).toEqual([]);
  });

  it('when all of them break while they are served', async () => {
    const [ofFew, ofMany] = scenes();
    const breaking = [
      await ofFew.breakDown(),
      await ofMany.breakDown(),
    ] as const;
    expect(growthBeyondFactor(breaking, factor)).toEqual([]);
  });

  it('when the time of all of them is up, when they settle together, and in the reload after that', async () => {
    const [ofFew, ofMany] = scenes();
    const hanging = [await ofFew.hang(), await ofMany.hang()] as const;
    expect(growthBeyondFactor(hanging, factor)).toEqual([]);
    const settling = [
      await ofFew.settleLate(),
      await ofMany.settleLate(),
    ] as const;
    expect(growthBeyondFactor(settling, factor)).toEqual([]);
    const mending = [await ofFew.mend(), await ofMany.mend()] as const;
    expect(growthBeyondFactor(mending, factor)).toEqual([]);
  });
});
