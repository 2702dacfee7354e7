// One of two peers, with leases in an etcd: `node peer.js PEER ENDPOINT`. Its
// parent tells it where the volumes are to be, as a Placement, and hears a Told
// of each transition. It ends when its parent disconnects.
import 'reflect-metadata';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { TransitionsService, type TransitionReport } from 'nestjs-transitions';
import { bootApplication } from '../leases/application.js';
import { configurationOf, type Placement } from './placements.js';

/** The calls of a transition that has ended. */
export interface Told {
  readonly kind: TransitionReport['kind'];
  /** When each volume was served or unserved, by the machine's monotonic clock, in milliseconds. */
  readonly served: readonly (readonly [volume: string, at: number])[];
  readonly unserved: readonly (readonly [volume: string, at: number])[];
}

const [peer, endpoint] = process.argv.slice(2);
const placements: readonly Placement[] = ['apart', 'one moved', 'all moved'];
const confMaps = new Map(
  placements.map((each) => [each, configurationOf(Number(peer), each)]),
);
let served: [string, number][] = [];
let unserved: [string, number][] = [];

const application = await bootApplication(
  confMaps.get('apart')!,
  etcdServingLeases({ endpoints: [endpoint!], namespace: 'bench' }),
  {
    serveVolume: (_confMap, volume) => void served.push([volume, now()]),
    unserveVolume: (_confMap, volume) => void unserved.push([volume, now()]),
  },
);
const transitions = application.get(TransitionsService);
transitions.events$.subscribe((event) => {
  if (event.type === 'transitionEnded') tell(event.report.kind);
});
process.on('message', (placement: Placement) => {
  void transitions.signaled(confMaps.get(placement)!);
});
process.once('disconnect', () => void application.close());
tell('up');

function tell(kind: Told['kind']): void {
  // The Down comes when nobody listens any more.
  if (process.connected) {
    process.send!({ kind, served, unserved } satisfies Told);
  }
  served = [];
  unserved = [];
}

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
