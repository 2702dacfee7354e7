import type {
  CallbackName,
  TransitionContext,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { confOf } from '../conf-of.js';
import {
  MutatedRun,
  type MutatedWorld,
  type Mutant,
} from '../testing/mutated-run.js';

const peers = ['A', 'B'];
const own = confOf({ peers, groups: { g: ['a', 'b', 'c'] } });
const part = confOf({
  peers,
  groups: { g: ['a', 'b'], h: { primary: 'B', volumes: ['c'] } },
});

/**
 * A boot in which a is another peer's; it is free, lost, and free again; all is lost,
 * and served again; a reload that finds c lost, and a Down that finds b lost.
 */
async function violated(
  mutant: Mutant,
  world: MutatedWorld = {},
): Promise<ReadonlySet<string>> {
  const run = new MutatedRun(mutant, { ...world, withLeases: true });
  const { store, clock } = run;
  store.overwrite('a', 'B');
  await run.up(own);
  store.remove('a');
  await run.wait(100_000);
  store.remove('a');
  await run.wait(1_000);
  store.restart();
  clock.block(10_000);
  await run.wait(20_000);
  run.faults.duringCall(1, () => clock.block(10_000));
  await run.signaled(part);
  await run.wait(20_000);
  run.faults.duringCall(7, () => clock.block(10_000));
  await run.down();
  return run.violated;
}

/** Whoever is to serve a volume is told another token. */
const withToken = (change: (right: bigint) => bigint): Mutant => ({
  calls: (right) => ({
    serveVolume: (confMap, volume, context) => {
      const { id, kind, generation, previous } = context;
      const fencingToken = change(context.fencingToken!);
      const told = { id, kind, generation, previous, fencingToken };
      return right.serveVolume(confMap, volume, told as TransitionContext);
    },
  }),
});
/** One callback is called where it is the other's turn. */
const instead = (
  turn: 'volumeLost' | 'unserveVolume',
  called: 'volumeLost' | 'unserveVolume',
): Mutant => ({
  calls: (right) => ({ [turn]: right[called].bind(right) }),
});
const twice = (): Mutant => ({
  calls: (right) => ({
    volumeLost: (...given) => {
      void right.volumeLost(...given);
      return right.volumeLost(...given);
    },
  }),
});
/** p2 tells of two at a time, the second one first. */
function ascending(): Mutant {
  let held: (() => unknown) | undefined;
  return {
    calls: (right) => ({
      volumeLost: (...given) => {
        if (held === undefined) {
          held = () => right.volumeLost(...given);
          return undefined;
        }
        const result = right.volumeLost(...given);
        void held();
        held = undefined;
        return result;
      },
    }),
  };
}
const dropped = (callback: CallbackName): Mutant => ({
  calls: () => ({ [callback]: () => undefined }),
});
const shown = (
  change: (snapshot: TransitionsSnapshot) => Partial<TransitionsSnapshot>,
): Mutant => ({
  snapshot: (snapshot) => ({ ...snapshot, ...change(snapshot) }),
});

describe('with leases', () => {
  it.each([
    ['who has all callbacks', {}],
    [
      'who has no volumeLost',
      { lacking: { p1: ['volumeLost'], p2: ['volumeLost'] } },
    ],
    ['who has volumeLost alone', { lacking: { p1: ['unserveVolume'] } }],
    ['who is slow', { isSlow: true }],
  ] as const)('nothing is found at %s', async (_who, world) => {
    expect([...(await violated({}, world))]).toEqual([]);
  });

  it.each([
    ['tells nobody of a loss', 'I22', dropped('volumeLost')],
    ['tells of a loss twice', 'I9', twice()],
    ['tells of losses in ascending order', 'I1', ascending()],
    [
      'tells of a loss as of any unserveVolume',
      'I12',
      instead('volumeLost', 'unserveVolume'),
    ],
    [
      'tells of a loss where there is none',
      'I12',
      instead('unserveVolume', 'volumeLost'),
    ],
    ['a token comes twice', 'I33', withToken(() => 5n)],
    ['a token gets smaller', 'I33', withToken((right) => 1_000n - right)],
    [
      'says of what is served that it is waited for',
      'I22',
      shown(({ waiting }) => ({
        waiting: [
          ...waiting,
          { volume: 'b', holder: 'B', session: 'x', since: 0 },
        ],
      })),
    ],
    ['waits for nothing', 'I22', shown(() => ({ waiting: [] }))],
  ] as const)('one that %s is found', async (_what, invariant, mutant) => {
    expect([...(await violated(mutant))]).toContain(invariant);
  });
});

it('tokens may begin again in a store that an operator has confirmed', async () => {
  const run = new MutatedRun({}, { withLeases: true });
  for (let token = 1; token < 20; token++) run.store.overwrite('x', 'B');
  await run.up(own);
  run.store.wipe();
  await run.wait(30_000);
  run.confirmStore('memory-2');
  await run.wait(30_000);
  expect([...run.violated]).toEqual([]);
  expect(run.served('p2')).toEqual(['a', 'b', 'c']);
});
