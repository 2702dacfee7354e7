import type { SessionState, TransitionsService } from 'nestjs-transitions';
import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { PeerStatus } from './peer-status.js';

const waiting = [
  { volume: 'v', holder: 'b', session: '4a9f', since: 0 },
  { volume: 'w', holder: undefined, session: undefined, since: 1_000 },
];
const transitionsWith = (session?: SessionState): TransitionsService =>
  ({
    events$: new Subject(),
    isReady: false,
    snapshot: () => ({ participants: [], waiting, session }),
  }) as unknown as TransitionsService;
const leased = { tokens: { x: '7' } };

it('tells which volumes wait for whom, and with which tokens others are served', () => {
  const { leases } = new PeerStatus(transitionsWith(), leased).read();
  expect(leases).toEqual({
    session: 'opening',
    problem: null,
    tokens: { x: '7' },
    waiting: [
      { volume: 'v', holder: 'b', since: '1970-01-01T00:00:00.000Z' },
      { volume: 'w', holder: null, since: '1970-01-01T00:00:01.000Z' },
    ],
  });
});

it('says nothing of leases where there are none', () => {
  expect(new PeerStatus(transitionsWith(), null).read().leases).toBeNull();
});

it.each<[SessionState, string | null]>([
  [{ state: 'open', id: '1', ttl: 10_000, store: 'etcd' }, null],
  [{ state: 'unreachable', id: '1', error: new Error('refused') }, 'refused'],
  [{ state: 'unreachable', id: undefined, error: 'refused' }, 'refused'],
  [
    { state: 'otherStore', expected: 'one', found: 'two' },
    'expected the store one, and two answers',
  ],
  [{ state: 'ended' }, null],
  [{ state: 'ended', error: new Error('refused') }, 'refused'],
])('tells how it is with the session: %j', (session, problem) => {
  const status = new PeerStatus(transitionsWith(session), leased);
  expect(status.read().leases).toMatchObject({
    session: session.state,
    problem,
  });
});
