import { peerNames, ttl } from './cluster.js';
import type { Fault } from './nemesis.js';

/** A fault of which only what matters is said. */
export function fault(kind: Fault['kind'], more: Partial<Fault> = {}): Fault {
  return {
    at: 0,
    kind,
    peer: 'a',
    group: 'g1',
    volume: 'v1',
    length: ttl * 1_000,
    link: 'silent',
    healing: 'flush',
    lags: peerNames.map(() => 0),
    ...more,
  };
}
