import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConfMap, fileConfSource } from 'nestjs-transitions';
import {
  configurationText,
  makeGroups,
  referenceShape,
} from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import type { Coordinator } from '../core.js';
import { figureOf, type Figure } from '../figure.js';
import { idleParticipants, participantCount } from '../participants.js';
import { collectGarbage } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';

const { peers, volumes, volumesPerGroup } = referenceShape;
// What each further participant is called with in a boot: itself twice, groups,
// volumes, and those of them that one of the peers serves.
const callsEach = 2 + volumes / volumesPerGroup + volumes + volumes / peers;

async function measureMemory({ rounds }: Effort): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  const path = join(folder, 'one.conf');
  writeFileSync(path, configurationText(makeGroups(referenceShape), peers));
  const held: number[] = [];
  const garbage: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      held.push((await heapFor(path)) / volumes);
      process.stderr.write('.');
    }
    const confMap = await ConfMap.fromFile(path);
    await allocatedBy(participantCount, confMap);
    for (let round = 0; round < rounds; round++) {
      garbage.push(await garbagePerCall(confMap));
      process.stderr.write('.');
    }
  } finally {
    rmSync(folder, { recursive: true });
    process.stderr.write('\n');
  }
  return [
    figureOf(
      {
        id: 'memory.volume',
        title: 'heap for each volume beyond the text',
        unit: 'B',
        target: { atMost: 1024 },
      },
      held,
    ),
    figureOf(
      {
        id: 'memory.call',
        title: 'garbage for each further callback',
        unit: 'B',
        // What is left is the clock, which is read at every 16th call and
        // gives a new number each time.
        target: { atMost: 0 },
      },
      garbage,
    ),
  ];
}

/** What a service that is up keeps on the heap beyond the bytes of its file. */
async function heapFor(path: string): Promise<number> {
  await settle();
  const before = process.memoryUsage().heapUsed;
  const coordinator = await goUp(path);
  await settle();
  const bytes = process.memoryUsage().heapUsed - before;
  if (coordinator.configuration === undefined) throw new Error('It is not up');
  return bytes - statSync(path).size;
}

async function goUp(path: string): Promise<Coordinator> {
  const source = fileConfSource(path);
  const coordinator = makeCoordinator(idleParticipants(participantCount));
  const load = (signal: AbortSignal) => source.load(signal);
  expectDone(await coordinator.up({ load, reason: 'benchmark' }));
  return coordinator;
}

async function garbagePerCall(confMap: ConfMap): Promise<number> {
  const few = await allocatedBy(participantCount, confMap);
  const many = await allocatedBy(3 * participantCount, confMap);
  return (many - few) / (2 * participantCount * callsEach);
}

/** Bytes that a boot allocates, for which no collection may run meanwhile. */
async function allocatedBy(count: number, confMap: ConfMap): Promise<number> {
  const coordinator = makeCoordinator(idleParticipants(count));
  await settle();
  const observer = new PerformanceObserver(() => {});
  observer.observe({ entryTypes: ['gc'] });
  const since = performance.now();
  const before = process.memoryUsage().heapUsed;
  const report = await coordinator.up(requestOf(confMap));
  const bytes = process.memoryUsage().heapUsed - before;
  const until = performance.now();
  await nextTurn();
  const collections = observer
    .takeRecords()
    .filter(({ startTime }) => startTime > since && startTime < until);
  observer.disconnect();
  expectDone(report);
  if (collections.length > 0) {
    throw new Error('Garbage was collected; make the new space larger');
  }
  return bytes;
}

async function settle(): Promise<void> {
  await nextTurn();
  collectGarbage();
  await nextTurn();
  collectGarbage();
}

await runSuite(measureMemory);
