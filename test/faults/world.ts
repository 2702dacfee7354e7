import {
  confOf,
  FaultPlan,
  faulty,
  TransitionsHarness,
  VirtualClock,
  type HarnessOptions,
} from '@nestjs-transitions/testing';
import {
  callbackNames,
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
  readonly harness?: Partial<HarnessOptions>;
}

/** Three participants over fakes, whose callbacks can be made to fail. */
export class World {
  readonly clock = new VirtualClock();
  readonly faults = new FaultPlan(this.clock);
  readonly harness: TransitionsHarness;

  constructor({ pace = 'sync', concurrency = 1, ...options }: WorldOptions) {
    const callbacks = this.paced(pace);
    this.harness = new TransitionsHarness({
      clock: this.clock,
      participants: ['store', 'cache', 'router'].map((name) => ({
        name,
        callbacks: faulty(name, callbacks, this.faults),
        concurrency,
      })),
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...options.harness,
    });
  }

  private paced(pace: Pace): TransitionCallbacks {
    const callback = {
      sync: () => undefined,
      promise: () => Promise.resolve(),
      timer: () =>
        new Promise<void>((resolve) => {
          this.clock.startTimer(resolve, 1);
        }),
    }[pace];
    return Object.fromEntries(callbackNames.map((name) => [name, callback]));
  }
}

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
