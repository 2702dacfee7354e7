// A process that claims volumes, and prints the Expense of the end of its session
// and nothing else: `node end-of-session.js VOLUMES ETCD-PID ENDPOINT`. A Down
// cannot release them sooner.
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { makeGroups } from '../configuration.js';
import { Meter } from './expense.js';

/** As before a Down, so that etcd is as quiet. */
const rest = 1_000;
const inOneCall = 960;

const [count, etcdPid, endpoint] = process.argv.slice(2);
const shape = { volumes: Number(count), volumesPerGroup: 10, peers: 1 };
const volumes = makeGroups(shape).flatMap((group) => group.volumes);
const never = new AbortController().signal;

const leases = etcdServingLeases({
  endpoints: [endpoint!],
  namespace: 'bench',
});
const session = await leases.openSession('Peer0', never);
for (let from = 0; from < volumes.length; from += inOneCall) {
  const claims = volumes
    .slice(from, from + inOneCall)
    .map((volume) => ({ volume, token: undefined }));
  await session.claim(claims, never);
}
await sleep(rest);
const meter = new Meter(Number(etcdPid));
await session.end(never);
const expense = meter.read();
await leases.close();
process.stdout.write(JSON.stringify(expense));
