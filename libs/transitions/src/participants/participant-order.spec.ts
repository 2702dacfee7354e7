import 'reflect-metadata';
import { forwardRef, Inject, Injectable, type Provider } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ParticipantError } from './participant-error.js';
import { sampleConf } from '../testing/sample-conf.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import {
  TransitionParticipant,
  type TransitionParticipantOptions,
} from './participant.decorator.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import { orderParticipants } from './participant-order.js';

class Callbacks {
  up(): void {}
}

type Given = TransitionParticipantOptions &
  Partial<Pick<ParticipantCandidate, 'callbacks' | 'injects'>>;

function candidate(
  name: string,
  { callbacks = new Callbacks(), injects = [], ...options }: Given = {},
): ParticipantCandidate {
  return { name, callbacks, options, injects, dependsOnDestroyed: [] };
}

function namesOf(...candidates: ParticipantCandidate[]): string[] {
  return orderParticipants(candidates).participants.map(({ name }) => name);
}

function problemsOf(...candidates: ParticipantCandidate[]): readonly string[] {
  try {
    orderParticipants(candidates);
  } catch (thrown) {
    if (thrown instanceof ParticipantError) return thrown.problems;
  }
  throw new Error('expected a ParticipantError');
}

describe('the place of a participant', () => {
  it('is by its order, and among equal orders by registration', () => {
    expect(
      namesOf(
        candidate('c', { order: 10 }),
        candidate('d', { order: 10 }),
        candidate('a', { order: -1.5 }),
        candidate('b'),
      ),
    ).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is after those that `after` names, by name or by class', () => {
    class Store extends Callbacks {}
    const store = candidate('store', { callbacks: new Store() });
    expect(
      namesOf(
        candidate('router', { after: ['cache', Store] }),
        candidate('cache', { after: [Store] }),
        store,
      ),
    ).toEqual(['store', 'cache', 'router']);
  });

  it('is after those that it injects, unless it has an order', () => {
    const store = candidate('store', { order: 20 });
    expect(
      namesOf(
        candidate('cache', { injects: [store.callbacks] }),
        candidate('other', { order: 30 }),
        store,
      ),
    ).toEqual(['store', 'cache', 'other']);
  });

  it('can be before or behind all others', () => {
    expect(
      namesOf(
        candidate('last', { order: Infinity }),
        candidate('b', { order: 1e300 }),
        candidate('a', { order: -1e300 }),
        candidate('first', { order: -Infinity }),
        candidate('first too', { order: -Infinity }),
      ),
    ).toEqual(['first', 'first too', 'a', 'b', 'last']);
  });

  it('that contradicts injection is warned of, and kept', () => {
    const store = candidate('store', { order: 20 });
    const cache = candidate('cache', { order: 10, injects: [store.callbacks] });
    const { participants, warnings } = orderParticipants([store, cache]);
    expect(participants.map(({ name }) => name)).toEqual(['cache', 'store']);
    expect(warnings).toEqual([
      'Participant cache (order 10) injects store (order 20), which comes up after it',
    ]);
  });
});

describe('participants that cannot be ordered', () => {
  it('are refused with everything that is wrong, at once', () => {
    expect(
      problemsOf(
        candidate('a', { order: NaN }),
        candidate('b', { concurrency: 0 }),
        candidate('c', { concurrency: 1.5 }),
        candidate('d', { timeout: -1 }),
        candidate('e', { timeout: NaN }),
        candidate('f', { after: ['nobody'] }),
        candidate('g'),
        candidate('g'),
        candidate(''),
      ),
    ).toEqual([
      'a participant has no name; give the class one, or the option `name`',
      expect.stringContaining('two participants are named g;'),
      'participant a has order NaN; expected a number',
      'participant b has concurrency 0; expected a whole number from 1',
      'participant c has concurrency 1.5; expected a whole number from 1',
      'participant d has timeout -1; expected milliseconds above 0',
      'participant e has timeout NaN; expected milliseconds above 0',
      'participant f goes after nobody, which is no participant',
    ]);
  });

  it('are refused when they go after one another in a circle', () => {
    expect(
      problemsOf(
        candidate('a', { after: ['b'] }),
        candidate('b', { after: ['c'] }),
        candidate('c', { after: ['a'] }),
      ),
    ).toEqual([
      'participants go after one another in a circle: a after b after c after a; give one of them an order',
    ]);
  });

  it('are refused when an order contradicts `after`', () => {
    expect(
      problemsOf(
        candidate('early', { order: 1, after: ['late'] }),
        candidate('late', { order: 2 }),
      ),
    ).toEqual([
      'participant early (order 1) is to go after late (order 2), which comes up later',
    ]);
  });
});

describe('the order of providers', () => {
  const participant = (options: TransitionParticipantOptions | number = {}) =>
    TransitionParticipant(options);

  @Injectable()
  @participant({ order: 5 })
  class Store extends Callbacks {}
  @Injectable()
  class Connection {
    constructor(@Inject(Store) readonly store: Store) {}
  }
  @Injectable()
  @participant()
  class Cache extends Callbacks {
    constructor(@Inject(Connection) readonly connection: Connection) {
      super();
    }
  }
  @Injectable()
  @participant()
  class Router extends Callbacks {
    @Inject(Cache) readonly cache!: Cache;
  }
  @Injectable()
  @participant({ name: 'Metrics', after: Router })
  class Metrics extends Callbacks {}

  async function namesIn(providers: Provider[]): Promise<string[]> {
    const app = await startApp({ providers });
    const { participants } = app.get(TransitionsService).snapshot();
    return participants.map(({ name }) => name);
  }

  it('comes from what they inject, into constructors and properties, directly or through others', async () => {
    expect(await namesIn([Metrics, Router, Cache, Connection, Store])).toEqual([
      'Logger',
      'Store',
      'Cache',
      'Router',
      'Metrics',
      'VolumeGate',
    ]);
  });

  it('comes from what a factory injects', async () => {
    const made: Provider = {
      provide: 'made',
      useFactory: () => new (participant({ name: 'Made' }), Made)(),
      inject: [Cache],
    };
    expect(await namesIn([made, Cache, Connection, Store])).toEqual([
      'Logger',
      'Store',
      'Cache',
      'Made',
      'VolumeGate',
    ]);
  });

  it('of two that inject each other is refused, until one has an order', async () => {
    @Injectable()
    @participant()
    class Chicken extends Callbacks {
      constructor(@Inject(forwardRef(() => Egg)) readonly egg: object) {
        super();
      }
    }
    @Injectable()
    @participant()
    class Egg extends Callbacks {
      constructor(@Inject(forwardRef(() => Chicken)) readonly chicken: object) {
        super();
      }
    }
    const app = await compileApp({ providers: [Chicken, Egg] });
    await expect(app.init()).rejects.toThrow(
      'Chicken after Egg after Chicken; give one of them an order',
    );
  });

  it('puts registered participants before those found, among equal orders', async () => {
    @Injectable()
    class Registers {
      constructor(
        @Inject(TransitionsService)
        private readonly transitions: TransitionsService,
      ) {}
      onModuleInit(): void {
        this.transitions.register('Registered', new Callbacks(), { order: 5 });
      }
    }
    expect(await namesIn([Store, Registers])).toEqual([
      'Logger',
      'Registered',
      'Store',
      'VolumeGate',
    ]);
  });

  @TransitionParticipant({ name: 'Made' })
  class Made extends Callbacks {}

  it('that contradicts injection is logged as a warning', async () => {
    @Injectable()
    @participant(1)
    class Hasty extends Callbacks {
      constructor(@Inject(Store) readonly store: Store) {
        super();
      }
    }
    const logger = new RecordingLogger();
    await startApp({ providers: [Hasty, Store] }, {}, logger);
    expect(logger.with('injects')).toEqual([
      'warn [Transitions] Participant Hasty (order 1) injects Store (order 5), which comes up after it',
    ]);
  });

  it('F45 F48 takes nobody who registers twice, under a name that is taken, or after Up', async () => {
    const app = await compileApp({ providers: [Store] });
    const transitions = app.get(TransitionsService);
    transitions.register('Store', new Callbacks());
    transitions.register('twice', new Callbacks());
    transitions.register('twice', new Callbacks(), { order: NaN });
    await expect(app.init()).rejects.toThrow(
      /named twice[^]*named Store|named Store[^]*named twice/,
    );

    const booted = await startApp({});
    expect(() =>
      booted.get(TransitionsService).register('late', new Callbacks()),
    ).toThrow('register(late) is refused while up');
  });
});

describe('the table of participants', () => {
  it('is logged once, at boot, with the callbacks of each', async () => {
    const logger = new RecordingLogger();
    const app = await startApp({ providers: [] }, {}, logger);
    const transitions = app.get(TransitionsService);
    transitions.snapshot();
    expect(logger.with('Participants:')).toEqual([
      expect.stringMatching(
        /^log \[Transitions\] Participants:\n *order +participant +callbacks\n *first +Logger +validate, up, down, signaledFinish\n/,
      ),
    ]);
  });

  it('is not logged by a plan that is asked for before the boot', async () => {
    const logger = new RecordingLogger();
    const app = await compileApp({}, {}, logger);
    const { kind } = app.get(TransitionsService).plan(sampleConf());
    expect(kind).toBe('up');
    expect(logger.with('Participants:')).toEqual([]);
  });
});
