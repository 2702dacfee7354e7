import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cluster } from 'volumed/demo';
import { figureOf, type Figure } from '../figure.js';
import { runSuite, type Effort } from '../suite.js';
import { Readers } from '../volumed-static/readers.js';

const expressServer = fileURLToPath(
  new URL('../volumed-static/express-server.js', import.meta.url),
);
const sizes = [200, 1_000, 4_000, 16_000, 64_000];
const requestsPerRound = 8_000;

/**
 * volumed and a bare Express, in processes of their own, serve the same files.
 */
async function measureStatic({ rounds }: Effort): Promise<Figure[]> {
  process.env['NODE_ENV'] = 'production';
  const folder = mkdtempSync(join(tmpdir(), 'volumed-bench-'));
  const files = join(folder, 'data/static');
  const paths = makeFiles(files);
  const cluster = await Cluster.start({
    folder,
    peers: ['alone'],
    groups: { all: ['static'] },
  });
  const express = fork(expressServer, [files]);
  const [port] = (await once(express, 'message')) as [number];
  try {
    return await compare(
      new Readers(cluster.peers[0]!.url, paths),
      new Readers(`http://127.0.0.1:${port}`, paths),
      rounds,
    );
  } finally {
    express.disconnect();
    await cluster.stop();
    rmSync(folder, { recursive: true });
  }
}

async function compare(
  volumed: Readers,
  express: Readers,
  rounds: number,
): Promise<Figure[]> {
  const ratios: number[] = [];
  const times: number[] = [];
  const busy: number[] = [];
  for (let round = -2; round < rounds; round++) {
    // Each goes first in every other round.
    const order = round % 2 === 0 ? [volumed, express] : [express, volumed];
    const readings = new Map<Readers, Awaited<ReturnType<Readers['read']>>>();
    for (const server of order) {
      readings.set(server, await server.read(requestsPerRound));
    }
    if (round < 0) continue;
    const ours = readings.get(volumed)!;
    ratios.push(readings.get(express)!.milliseconds / ours.milliseconds);
    times.push(ours.milliseconds);
    busy.push(ours.busy, readings.get(express)!.busy);
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  await Promise.all([volumed.close(), express.close()]);
  return figuresOf(ratios, times, busy);
}

function figuresOf(
  ratios: readonly number[],
  times: readonly number[],
  busy: readonly number[],
): Figure[] {
  return [
    figureOf(
      {
        id: 'volumed.static',
        title: 'volumed: GET per second, as a multiple of a bare Express',
        unit: 'x',
        target: { atLeast: 0.8 },
      },
      ratios,
    ),
    figureOf(
      {
        id: 'volumed.request',
        title: 'volumed: one GET, 16 at once',
        unit: 'ms',
      },
      times.map((time) => time / requestsPerRound),
    ),
    figureOf(
      {
        id: 'volumed.client',
        title: 'how busy their client was (near 1 it measured itself)',
        unit: 'x',
      },
      busy,
    ),
  ];
}

function makeFiles(folder: string): string[] {
  return sizes.flatMap((size) =>
    Array.from({ length: 20 }, (_, number) => {
      const name = `d${number % 4}/${size}-${number}.txt`;
      mkdirSync(join(folder, `d${number % 4}`), { recursive: true });
      writeFileSync(join(folder, name), 'x'.repeat(size));
      return `/volumes/static/${name}`;
    }),
  );
}

await runSuite(measureStatic);
