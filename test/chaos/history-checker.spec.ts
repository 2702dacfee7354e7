import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from './history.js';
import { findViolations } from './history-checker.js';

const ttl = 2_000;

const opened = (at: number, who: string, session: string): HistoryEvent => ({
  at,
  who,
  type: 'opened',
  session,
  sent: at - 1,
  ttl,
});
const renewed = (
  at: number,
  who: string,
  session: string,
  sent = at - 1,
): HistoryEvent => ({ at, who, type: 'renewed', session, sent, ttl });
const claimed = (
  at: number,
  who: string,
  session: string,
  token: number,
): HistoryEvent => ({
  at,
  who,
  type: 'claimed',
  session,
  tokens: { v: token },
});
const released = (at: number, who: string, token: number): HistoryEvent => ({
  at,
  who,
  type: 'released',
  tokens: { v: token },
});
const serve = (
  at: number,
  who: string,
  token: number,
  held = true,
): HistoryEvent => ({ at, who, type: 'serve', volume: 'v', token, held });
const unserved = (at: number, who: string): HistoryEvent => ({
  at,
  who,
  type: 'unserved',
  volume: 'v',
});
const lost = (at: number, who: string, reason = 'key'): HistoryEvent => ({
  at,
  who,
  type: 'lost',
  volumes: ['v'],
  reason,
});
const use = (at: number, who: string, token: number): HistoryEvent => ({
  at,
  who,
  type: 'use',
  volume: 'v',
  token,
});
const written = (
  at: number,
  who: string,
  token: number,
  accepted = true,
): HistoryEvent => ({ at, who, type: 'written', volume: 'v', token, accepted });

/** Peer a has claimed v with token 5 and serves it; peer b has a session. */
const served: readonly HistoryEvent[] = [
  opened(0, 'a#1', 's1'),
  opened(1, 'b#1', 's2'),
  claimed(10, 'a#1', 's1', 5),
  serve(20, 'a#1', 5),
];

function laws(...more: readonly HistoryEvent[]): string[] {
  return findViolations([...served, ...more]).map(({ law }) => law);
}

describe('a history is fine', () => {
  it('where a volume is used, let go, claimed by the next one and used there', () => {
    const violations = findViolations([
      ...served,
      use(30, 'a#1', 5),
      written(40, 'a#1', 5),
      unserved(50, 'a#1'),
      released(51, 'a#1', 5),
      claimed(60, 'b#1', 's2', 7),
      serve(61, 'b#1', 7),
      use(62, 'b#1', 7),
      written(63, 'b#1', 7),
    ]);
    expect(violations).toEqual([]);
  });

  it('where a holder stood still, and what it had sent is turned away', () => {
    const history = [
      use(1_500, 'a#1', 5),
      renewed(2_000, 'b#1', 's2'),
      claimed(2_100, 'b#1', 's2', 9),
      serve(2_101, 'b#1', 9),
      use(2_102, 'b#1', 9),
      written(2_103, 'b#1', 9),
      written(4_000, 'a#1', 5, false),
      lost(4_001, 'a#1'),
    ];
    expect(laws(...history)).toEqual([]);
  });

  it('whoever reads it first: events are put in order', () => {
    const history = [written(63, 'b#1', 7), written(40, 'a#1', 5)];
    expect(laws(...history)).toEqual([]);
  });

  it('where a holder does not know yet what an operator has taken', () => {
    const next = [
      claimed(110, 'b#1', 's2', 9),
      serve(111, 'b#1', 9),
      use(112, 'a#1', 5),
    ];
    const taken = { at: 100, type: 'taken', volume: 'v', token: 5 } as const;
    const revoked = { at: 100, type: 'revoked', session: 's1' } as const;
    expect(laws(taken, ...next)).toEqual([]);
    expect(laws(revoked, ...next)).toEqual([]);
    expect(laws(...next)).toEqual(['I32', 'I32']);
  });

  it('where a peer is told to serve what it has lost by then', () => {
    const late = [lost(1_600, 'a#1'), serve(1_601, 'a#1', 5, false)];
    expect(laws(...late)).toEqual([]);
  });
});

describe('a history is false', () => {
  it('where a stale write is accepted (I32)', () => {
    const [first, second] = [written(30, 'b#1', 9), written(31, 'a#1', 5)];
    expect(laws(first, second)).toEqual(['I32']);
  });

  it('where another peer serves while the deadline of the first is not over (I32)', () => {
    const both = [claimed(1_000, 'b#1', 's2', 9), serve(1_001, 'b#1', 9)];
    expect(laws(...both)).toEqual(['I32']);
    expect(laws(unserved(900, 'a#1'), ...both)).toEqual([]);
    expect(laws(lost(900, 'a#1'), ...both)).toEqual(['I35']);
    expect(laws({ at: 900, type: 'ended', who: 'a#1' }, ...both)).toEqual([]);
  });

  it('where a peer comes back by a renewal while another one serves (I32)', () => {
    const history = [
      renewed(1_900, 'b#1', 's2'),
      claimed(2_000, 'b#1', 's2', 9),
      serve(2_001, 'b#1', 9),
      renewed(2_100, 'a#1', 's1'),
      use(2_200, 'a#1', 5),
    ];
    expect(laws(...history)).toEqual(['I32']);
  });

  it('where a token is not larger than all before (I33)', () => {
    const again = [unserved(30, 'a#1'), serve(40, 'a#1', 5)];
    expect(laws(...again)).toEqual(['I33']);
    const older = [
      unserved(30, 'a#1'),
      claimed(35, 'b#1', 's2', 4),
      serve(40, 'b#1', 4),
    ];
    expect(laws(...older)).toEqual(['I33']);
  });

  it('where a peer writes after its deadline, which counts from when a renewal was sent (I34)', () => {
    expect(laws(use(1_599, 'a#1', 5))).toEqual([]);
    expect(laws(use(1_600, 'a#1', 5))).toEqual(['I34']);
    const late = renewed(1_500, 'a#1', 's1', 200);
    expect(laws(late, use(1_800, 'a#1', 5))).toEqual([]);
    expect(laws(late, use(1_801, 'a#1', 5))).toEqual(['I34']);
  });

  it('where a key or a session ends, and nobody has ended it (I35)', () => {
    expect(laws(lost(1_598, 'a#1'))).toEqual(['I35']);
    expect(laws(lost(1_598, 'a#1', 'session'))).toEqual(['I35']);
    expect(laws(lost(1_598, 'a#1', 'deadline'))).toEqual([]);
    expect(laws(lost(1_599, 'a#1'))).toEqual([]);
    const taken = { at: 100, type: 'taken', volume: 'v', token: 5 } as const;
    const revoked = { at: 100, type: 'revoked', session: 's1' } as const;
    expect(laws(taken, lost(110, 'a#1'))).toEqual([]);
    expect(laws(revoked, lost(110, 'a#1'))).toEqual([]);
  });

  it('where a volume is released while it is served, or used when it was let go (I36)', () => {
    expect(laws(released(30, 'a#1', 5))).toEqual(['I36']);
    expect(laws(unserved(30, 'a#1'), use(40, 'a#1', 5))).toEqual(['I36']);
    expect(laws(lost(30, 'a#1'), use(40, 'a#1', 5))).toContain('I36');
  });

  it('where a peer serves what it did not claim (I37)', () => {
    const stolen = [unserved(30, 'a#1'), serve(40, 'b#1', 6)];
    expect(laws(...stolen)).toEqual(['I37']);
  });
});
