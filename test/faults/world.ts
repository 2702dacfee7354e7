import { ConfMap } from '@nestjs-transitions/conf';
import {
  confOf,
  FaultPlan,
  faulty,
  TestGate,
  TransitionsHarness,
  VirtualClock,
  type HarnessOptions,
} from '@nestjs-transitions/testing';
import {
  callbackNames,
  type CallbackName,
  type TransitionCallbacks,
  type TransitionSettings,
} from 'nestjs-transitions/core';

/** How the callbacks of a world return. */
export type Pace = 'sync' | 'promise' | 'timer';

/** What a world is made of. */
export interface WorldOptions {
  readonly pace?: Pace;
  readonly concurrency?: number;
  readonly settings?: Partial<TransitionSettings>;
  /** The callbacks that each of the three participants lacks. Default: none. */
  readonly lacking?: readonly (readonly CallbackName[])[];
  /** A gate stands behind them, whose unserveVolume can be made to fail. Default: none. */
  readonly withGate?: boolean;
  readonly harness?: Partial<HarnessOptions>;
}

/** Three participants over fakes, whose callbacks can be made to fail. */
export class World {
  readonly clock = new VirtualClock();
  readonly faults = new FaultPlan(this.clock);
  readonly gate: TestGate | undefined;
  readonly settings: Partial<TransitionSettings>;
  readonly harness: TransitionsHarness;

  constructor(private readonly options: WorldOptions) {
    const { concurrency = 1, lacking, settings = {}, withGate } = options;
    this.settings = settings;
    this.gate = withGate ? this.faultyGate() : undefined;
    this.harness = new TransitionsHarness({
      clock: this.clock,
      participants: participants.map((name, index) => ({
        name,
        callbacks: faulty(name, this.callbacks(lacking?.[index]), this.faults),
        concurrency,
      })),
      ...(this.gate && { gate: this.gate }),
      settings,
      ...options.harness,
    });
  }

  private callbacks(
    lacking: readonly CallbackName[] = [],
  ): TransitionCallbacks {
    const callback = {
      sync: () => undefined,
      promise: () => Promise.resolve(),
      timer: () =>
        new Promise<void>((resolve) => {
          this.clock.startTimer(resolve, 1);
        }),
    }[this.options.pace ?? 'sync'];
    return Object.fromEntries(
      callbackNames
        .filter((name) => !lacking.includes(name))
        .map((name) => [name, callback]),
    );
  }

  /** What it waits for may last too long, or throw; it opens and closes at once. */
  private faultyGate(): TestGate {
    const callbacks = faulty('VolumeGate', this.callbacks(), this.faults);
    const nothing = ConfMap.fromObject({});
    return new TestGate((volume, context) =>
      callbacks.unserveVolume!(nothing, volume, context),
    );
  }
}

/** The participants of a world, in ascending order. */
export const participants = ['store', 'cache', 'router'] as const;

/** A cluster before a reload that does everything at once … */
export const before = confOf({
  peers: ['A', 'B'],
  groups: {
    stays: ['kept'],
    leaves: ['goneToB', 'goneToB2'],
    comes: { primary: 'B', volumes: ['fromB', 'fromB2'] },
    left: ['between'],
    right: ['resident'],
    edited: { volumes: ['tuned'], options: { Cache: '1' } },
    dissolved: ['destroyed', 'rehomed'],
  },
  volumes: { tuned: { Size: '1' } },
});

/**
 * … and after it: created, moved in, moved away, moved between two local
 * groups, changed and destroyed.
 */
export const after = confOf({
  peers: ['A', 'B'],
  groups: {
    stays: ['kept'],
    leaves: { primary: 'B', volumes: ['goneToB', 'goneToB2'] },
    comes: ['fromB', 'fromB2'],
    left: [],
    right: ['resident', 'between'],
    edited: { volumes: ['tuned'], options: { Cache: '2' } },
    founded: ['created', 'rehomed'],
  },
  volumes: { tuned: { Size: '2' } },
});
