import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stay } from '../event-loop.js';
import type { Figure } from '../figure.js';
import type { Pace } from '../participants.js';
import { runSuite } from '../suite.js';
import type { ComparedCase } from './comparison.js';
import { figuresOfCase, figuresOfReload } from './figures.js';
import type { ComparedStays } from './process.js';
import type { Size } from './size.js';

const program = fileURLToPath(new URL('process.js', import.meta.url));

/** A suite of cases at one size, each of them beside a reload, in a process of its own. */
export function runBesideReload(
  name: string,
  cases: readonly ComparedCase[],
  size: Size,
): Promise<void> {
  return runSuite(async ({ rounds }) => {
    const figures: Figure[] = [];
    const reloads: Stay[] = [];
    for (const compared of cases) {
      for (const pace of compared.paces) {
        const stays = measure(compared, pace, size, rounds);
        if (pace === 'at once') reloads.push(...(stays.reload ?? []));
        const head = headOf(name, compared, pace, size);
        figures.push(...figuresOfCase(head, compared, stays, size));
      }
    }
    const reload = {
      id: `${name}.reload.${size.id}`,
      title: `${size.title}: the reload that others are compared with`,
    };
    return [...figuresOfReload(reload, reloads, size), ...figures];
  });
}

function headOf(name: string, compared: ComparedCase, pace: Pace, size: Size) {
  const isAsync = pace === 'async';
  return {
    id: `${name}.${compared.id}${isAsync ? '.async' : ''}.${size.id}`,
    title: `${size.title}: ${compared.title}${isAsync ? ', async' : ''}`,
  };
}

function measure(
  { id, title }: ComparedCase,
  pace: Pace,
  { volumes }: Size,
  rounds: number,
): ComparedStays {
  process.stderr.write(`\n  ${title}, ${pace} `);
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      '--expose-gc',
      '--max-old-space-size=7000',
      program,
      id,
      pace,
      `${volumes}`,
      `${rounds}`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${title}, ${pace}, failed: ${status}`);
  return JSON.parse(stdout) as ComparedStays;
}
