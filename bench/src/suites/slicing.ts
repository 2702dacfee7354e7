import {
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfMap } from 'nestjs-transitions';
import { makeTexts, referenceShape } from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import { systemClock } from '../core.js';
import { figureOf, type Figure } from '../figure.js';
import { idleParticipants, participantCount } from '../participants.js';
import { measureInRounds, type Case, type Samples } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';

/** What it costs to let the process do other work every few milliseconds. */
async function measureSlicing({ rounds }: Effort): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  try {
    const { before } = makeTexts(referenceShape);
    const path = join(folder, 'large.conf');
    writeFileSync(path, before);
    // A file that was written just now would be read twice.
    utimesSync(path, 0, 0);
    const samples = await measureInRounds(
      [...parsing(path), ...goingUp(ConfMap.parse(before))],
      rounds,
    );
    return [
      priceOf(samples, 'parse', 'a file is read and parsed'),
      priceOf(samples, 'up', 'a boot'),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parsing(path: string): Case[] {
  const settled = { name: 'parse sliced', run: () => ConfMap.fromFile(path) };
  const atOnce = {
    name: 'parse at once',
    run: () => ConfMap.parse(readFileSync(path, 'utf8')),
  };
  return [settled, atOnce];
}

function goingUp(confMap: ConfMap): Case[] {
  const inOneTurn = { ...systemClock, yieldTo: queueMicrotask };
  return [
    ['up sliced', systemClock] as const,
    ['up at once', inOneTurn] as const,
  ].map(([name, clock]) => ({
    name,
    run: async () => {
      const all = idleParticipants(participantCount);
      const coordinator = makeCoordinator(all, { clock });
      expectDone(await coordinator.up(requestOf(confMap)));
    },
  }));
}

function priceOf(samples: Samples, name: string, what: string): Figure {
  const atOnce = samples.get(`${name} at once`)!;
  const ratios = samples
    .get(`${name} sliced`)!
    .map((time, round) => time / atOnce[round]!);
  return figureOf(
    {
      id: `slicing.${name}`,
      title: `${what}: in slices, of at once`,
      unit: 'x',
    },
    ratios,
  );
}

await runSuite(measureSlicing);
