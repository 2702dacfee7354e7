import type {
  CallbackName,
  TransitionKind,
  TransitionOutcome,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../call-log.js';
import { confOf } from '../../conf-of.js';
import type { EndedTransition } from '../ended-transition.js';
import { orderOf } from './order.js';

const reload = ['signaled', 'applied'] as const;
const rolledBack = ['signaled', 'rolledBack'] as const;
const down = ['down', 'applied'] as const;
const confMap = confOf({ groups: { g: ['a', 'b', 'c'] } });

/** Each call as `p1.serveVolume a (signaled)`. */
function violationsIn(
  [kind, outcome]: readonly [TransitionKind, TransitionOutcome],
  ...lines: string[]
): string[] {
  const calls = lines.map((line): Call => {
    const [, participant, callback, target, of] =
      /^(\w+)\.(\w+) (\w+) \((\w+)\)$/.exec(line)!;
    return {
      participant: participant!,
      callback: callback as CallbackName,
      target,
      names: [target!],
      confMap,
      previous: confMap,
      kind: of as TransitionKind,
      id: 2,
      generation: 2,
      outcome: 'done',
    };
  });
  const participants = ['p1', 'p2'].map((name) => ({ name }));
  const ended = {
    report: { kind, outcome },
    calls,
    after: participants,
    settledLateBefore: () => 0,
  } as unknown as EndedTransition;
  return orderOf(ended).map(({ message }) => message);
}

describe('what is found to be lost in another transition', () => {
  it('is told where it would be unserved', () => {
    for (const lines of [
      ['p2.unserveVolume c (down)', 'p2.volumeLost b (lost)'],
      ['p2.volumeLost c (lost)', 'p2.unserveVolume b (down)'],
      ['p2.volumeLost c (lost)', 'p1.unserveVolume c (lost)'],
    ])
      expect(
        violationsIn(
          down,
          ...lines,
          'p1.unserveVolume b (down)',
          'p1.down a (down)',
        ),
      ).toEqual([]);
    expect(
      violationsIn(
        reload,
        'p2.unserveVolume c (signaled)',
        'p2.volumeLost b (lost)',
        'p1.unserveVolume c (signaled)',
        'p1.volumeLost b (lost)',
        'p1.serveVolume a (signaled)',
      ),
    ).toEqual([]);
  });

  it('is told in descending order of participants and targets', () => {
    expect(
      violationsIn(
        reload,
        'p2.unserveVolume b (signaled)',
        'p2.volumeLost c (lost)',
        'p1.unserveVolume b (signaled)',
      ),
    ).toHaveLength(1);
    expect(
      violationsIn(
        down,
        'p1.volumeToBeUnserved b (down)',
        'p1.volumeLost b (lost)',
        'p2.unserveVolume b (down)',
      ),
    ).toHaveLength(1);
    expect(
      violationsIn(
        rolledBack,
        'p1.serveVolume a (signaled)',
        'p1.volumeLost b (lost)',
        'p2.volumeLost b (lost)',
        'p1.serveVolume b (rollback)',
      ),
    ).toHaveLength(1);
  });

  it('is part of a rollback, though nothing else is undone', () => {
    expect(
      violationsIn(
        ['up', 'rolledBack'],
        'p1.serveVolume a (up)',
        'p2.serveVolume a (up)',
        'p2.volumeLost a (lost)',
        'p1.volumeLost a (lost)',
      ),
    ).toEqual([]);
    expect(
      violationsIn(
        rolledBack,
        'p2.unserveVolume c (signaled)',
        'p1.unserveVolume c (signaled)',
        'p1.serveVolume a (signaled)',
        'p1.unserveVolume a (lost)',
        'p1.serveVolume c (rollback)',
      ),
    ).toEqual([]);
  });

  it('is told by a Down before anything else, in an order of its own', () => {
    const first = ['p2.volumeLost c (lost)', 'p1.volumeLost c (lost)'];
    const rest = ['p2.unserveVolume b (down)', 'p1.unserveVolume b (down)'];
    expect(violationsIn(down, ...first, ...rest)).toEqual([]);
    expect(violationsIn(down, ...first.toReversed(), ...rest)).not.toEqual([]);
  });
});
