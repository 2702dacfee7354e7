// A process that boots and goes down again, and prints a BootAndDown:
// `node --expose-gc boot-and-down.js VOLUMES ETCD-PID [ENDPOINT]`. Without an
// endpoint it has no leases.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { ConfMap, TransitionsService } from 'nestjs-transitions';
import { configurationText, makeGroups } from '../configuration.js';
import { expectDone } from '../coordination.js';
import { watch } from '../event-loop.js';
import { bootApplication } from './application.js';
import { Meter, type Expense } from './expense.js';

/** What was measured of a boot and the Down that followed. */
export interface BootAndDown {
  /** From the last volumeCreated to the first serveVolume. */
  readonly claims: Expense;
  readonly down: Expense;
  /** The longest blocks of the event loop, in milliseconds. */
  readonly bootBlock: number;
  readonly downBlock: number;
}

/** Until what a boot leaves to be done is done: the first listing of all leases. */
const rest = 1_000;

const [volumes, etcdPid, endpoint] = process.argv.slice(2);
const etcd = Number(etcdPid);
const shape = { volumes: Number(volumes), volumesPerGroup: 10, peers: 1 };

const { application, claims, bootBlock } = await boot();
await sleep(rest);
const { down, downBlock } = await goDown(application.get(TransitionsService));
await application.close();
const answer: BootAndDown = { claims, down, bootBlock, downBlock };
process.stdout.write(JSON.stringify(answer));

async function boot() {
  const text = configurationText(makeGroups(shape), shape.peers);
  const confMap = ConfMap.parse(text);
  const leases =
    endpoint === undefined
      ? undefined
      : etcdServingLeases({ endpoints: [endpoint], namespace: 'bench' });
  let created = 0;
  let meter: Meter | undefined;
  let used: Expense | undefined;
  let booted: INestApplicationContext | undefined;
  const { longestBlock } = await watch({
    name: 'boot',
    run: async () => {
      booted = await bootApplication(confMap, leases, {
        volumeCreated: () => {
          if (++created === shape.volumes) meter = new Meter(etcd);
        },
        serveVolume: () => {
          used ??= meter!.read();
        },
        unserveVolume: () => {},
      });
    },
  });
  const { waiting, degraded } = booted!.get(TransitionsService).snapshot();
  if (waiting.length > 0 || degraded) throw new Error('The boot left some out');
  return { application: booted!, claims: used!, bootBlock: longestBlock };
}

async function goDown(transitions: TransitionsService) {
  let used: Expense | undefined;
  const { longestBlock } = await watch({
    name: 'down',
    run: async () => {
      const meter = new Meter(etcd);
      expectDone(await transitions.down());
      used = meter.read();
    },
  });
  return { down: used!, downBlock: longestBlock };
}
