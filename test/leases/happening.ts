import * as fc from 'fast-check';
import type { TransitionSettings } from 'nestjs-transitions/core';

export const names = ['a', 'b', 'c'] as const;
export const volumes = ['u', 'v', 'w'] as const;

export type PeerName = (typeof names)[number];
export type Volume = (typeof volumes)[number];
export type Placed = Readonly<Record<Volume, PeerName>>;

const peerName = fc.constantFrom(...names);
const volume = fc.constantFrom(...volumes);
export const placed: fc.Arbitrary<Placed> = fc.record({
  u: peerName,
  v: peerName,
  w: peerName,
});

/** What may hang. */
const hanging = [
  'store serveVolume',
  'store unserveVolume',
  'store volumeLost',
  'cache serveVolume',
  'cache unserveVolume',
  'cache volumeLost',
] as const;

/** How long a callback takes, and how it settles then. */
export interface Hanging {
  readonly milliseconds: number;
  readonly fails: boolean;
}

/** What happens to a cluster, one after the other. */
export type Happening =
  | {
      readonly reload: PeerName;
      readonly placed: Placed;
      readonly supersede: boolean;
    }
  | {
      readonly link: PeerName;
      readonly is: 'up' | 'refused' | 'silent' | 'deaf';
    }
  | { readonly store: 'restart' | 'stall' | 'compact' }
  | { readonly remove: Volume }
  | { readonly fault: PeerName; readonly in: 'serveVolume' | 'unserveVolume' }
  /** The next call. */
  | {
      readonly hang: PeerName;
      readonly in: (typeof hanging)[number];
      readonly as: Hanging;
    }
  | { readonly fail: PeerName; readonly volume: Volume }
  | {
      readonly reset: PeerName;
      readonly what: Volume | { readonly participant: 'store' | 'cache' };
    }
  /** Right after its next unserveVolume all processes stand still. */
  | { readonly stopAfterUnserving: PeerName }
  | { readonly down: PeerName }
  | { readonly passes: number };

const happenings: readonly (readonly [number, fc.Arbitrary<Happening>])[] = [
  [
    5,
    fc.record({
      reload: peerName,
      placed,
      supersede: fc.constantFrom(false, false, true),
    }),
  ],
  [
    2,
    fc.record({
      link: peerName,
      is: fc.constantFrom('up', 'up', 'refused', 'silent', 'deaf'),
    }),
  ],
  [1, fc.record({ store: fc.constantFrom('restart', 'stall', 'compact') })],
  [1, fc.record({ remove: volume })],
  [
    1,
    fc.record({
      fault: peerName,
      in: fc.constantFrom('serveVolume', 'unserveVolume'),
    }),
  ],
  [
    2,
    fc.record({
      hang: peerName,
      in: fc.constantFrom(...hanging),
      as: fc.record({
        milliseconds: fc.constantFrom(300, 1_500, 8_000, 30_000),
        fails: fc.boolean(),
      }),
    }),
  ],
  [1, fc.record({ fail: peerName, volume })],
  [
    1,
    fc.record({
      reset: peerName,
      what: fc.oneof(
        volume,
        fc.record({ participant: fc.constantFrom('store', 'cache') }),
      ),
    }),
  ],
  [1, fc.record({ stopAfterUnserving: peerName })],
  [1, fc.record({ down: peerName })],
  [4, fc.record({ passes: fc.integer({ min: 0, max: 15_000 }) })],
];

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  ...happenings.map(([weight, arbitrary]) => ({ weight, arbitrary })),
);

/** What all peers have in common. */
export interface Kind {
  readonly settings: Partial<TransitionSettings>;
  /** The callbacks that the store, and the cache, lack. */
  readonly lacking: Readonly<
    Record<'store' | 'cache', readonly ('unserveVolume' | 'volumeLost')[]>
  >;
}

export const kind: fc.Arbitrary<Kind> = fc.record({
  settings: fc.record({
    onFailure: fc.constantFrom('rollback', 'isolate'),
    callbackTimeout: fc.constantFrom(1_000, 60_000),
    rollbackTimeout: fc.constantFrom(2_000, 60_000),
    retry: fc.constantFrom<TransitionSettings['retry']>(false, {
      initial: 1_000,
      max: 5_000,
      reloads: false,
    }),
  }),
  lacking: fc.record({
    store: fc.constantFrom(
      ['volumeLost' as const],
      [],
      ['unserveVolume' as const, 'volumeLost' as const],
    ),
    cache: fc.constantFrom(
      [],
      ['volumeLost' as const],
      ['unserveVolume' as const, 'volumeLost' as const],
    ),
  }),
});
