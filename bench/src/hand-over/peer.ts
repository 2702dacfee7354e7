// One of two peers, with leases in an etcd: `node peer.js PEER ENDPOINT SHAPE`. Its
// parent gives it Orders, as where the volumes are to be, and hears a Told of each
// transition. It ends when its parent disconnects.
import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { TransitionsService, type TransitionReport } from 'nestjs-transitions';
import { bootApplication } from '../leases/application.js';
import type { Shape } from '../configuration.js';
import { Placements, type Placement } from './placements.js';

/** What the parent may ask for: a reload, to be watched from now on, or to go down. */
export type Order = Placement | 'watch' | 'down';

/** The calls of a transition that has ended. */
export interface Told {
  readonly kind: TransitionReport['kind'];
  /** When each volume was served or unserved, by the machine's monotonic clock, in milliseconds. */
  readonly served: readonly (readonly [volume: string, at: number])[];
  readonly unserved: readonly (readonly [volume: string, at: number])[];
  /** The longest block of the event loop since it is watched, in milliseconds. */
  readonly longestBlock: number;
  /** When its Down began, by the same clock as the calls. */
  readonly downBegunAt: number | undefined;
}

const [peer, endpoint, shape] = process.argv.slice(2);
const placements = new Placements(JSON.parse(shape!) as Shape);
const all: readonly Placement[] = ['apart', 'one moved', 'all moved'];
const confMaps = new Map(
  all.map((each) => [each, placements.configurationOf(Number(peer), each)]),
);
const blocks = monitorEventLoopDelay({ resolution: 1 });
let downBegunAt: number | undefined;
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
process.on('message', (order: Order) => {
  if (order === 'watch') blocks.enable();
  else if (order === 'down') {
    downBegunAt = now();
    void transitions.down();
  } else void transitions.signaled(confMaps.get(order)!);
});
process.once('disconnect', () => void application.close());
tell('up');

function tell(kind: Told['kind']): void {
  // The Down comes when nobody listens any more.
  if (process.connected) {
    process.send!({
      kind,
      served,
      unserved,
      longestBlock: blocks.max / 1e6,
      downBegunAt,
    } satisfies Told);
  }
  served = [];
  unserved = [];
}

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
