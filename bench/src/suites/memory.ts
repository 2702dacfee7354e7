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
  type Shape,
} from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import type { Coordinator } from '../core.js';
import { figureOf, type Figure } from '../figure.js';
import { idleParticipants, participantCount } from '../participants.js';
import { collectGarbage } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';

const fewVolumes: Shape = { ...referenceShape, volumes: 1000 };
const furtherParticipants = 4 * participantCount;

async function measureMemory({ rounds }: Effort): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  const path = join(folder, 'one.conf');
  writeFileSync(path, textOf(referenceShape));
  const held: number[] = [];
  const garbage: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      held.push((await memoryFor(path)) / referenceShape.volumes);
      process.stderr.write('.');
    }
    const many = await ConfMap.fromFile(path);
    const few = ConfMap.parse(textOf(fewVolumes));
    await garbagePerCall(many, few);
    for (let round = 0; round < rounds; round++) {
      garbage.push(await garbagePerCall(many, few));
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
        title: 'memory for each volume beyond the text',
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
        // The target is none. The heap cannot be read more precisely than this.
        target: { atMost: 0.05 },
      },
      garbage,
    ),
  ];
}

function textOf(shape: Shape): string {
  return configurationText(makeGroups(shape), shape.peers);
}

/**
 * How many calls each further participant adds to a boot: two about itself, one
 * for each group, one for each volume, and one more for each volume that this
 * peer serves.
 */
function callsEach({ volumes, volumesPerGroup, peers }: Shape): number {
  return 2 + volumes / volumesPerGroup + volumes + volumes / peers;
}

/** What a service that is up keeps in memory, beyond the bytes of its file. */
async function memoryFor(path: string): Promise<number> {
  await settle();
  const before = heldBytes();
  const coordinator = await goUp(path);
  await settle();
  const bytes = heldBytes() - before;
  if (coordinator.configuration === undefined) throw new Error('It is not up');
  return bytes - statSync(path).size;
}

/**
 * The bytes of the heap, and of the arrays of numbers that are outside of it.
 */
function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function goUp(path: string): Promise<Coordinator> {
  const source = fileConfSource(path);
  const coordinator = makeCoordinator(idleParticipants(participantCount));
  const load = (signal: AbortSignal) => source.load(signal);
  expectDone(await coordinator.up({ load, reason: 'benchmark' }));
  return coordinator;
}

/**
 * What a boot of many volumes allocates for each further participant, minus
 * what a boot of few volumes does: both have the same number of blocks, so what
 * is left is for calls.
 */
async function garbagePerCall(many: ConfMap, few: ConfMap): Promise<number> {
  const garbage =
    (await garbageOfParticipants(many)) - (await garbageOfParticipants(few));
  const calls = callsEach(referenceShape) - callsEach(fewVolumes);
  return garbage / (furtherParticipants * calls);
}

async function garbageOfParticipants(confMap: ConfMap): Promise<number> {
  const some = await allocatedBy(participantCount, confMap);
  const more = participantCount + furtherParticipants;
  return (await allocatedBy(more, confMap)) - some;
}

/** The bytes that a boot allocates. No collection may run meanwhile. */
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
