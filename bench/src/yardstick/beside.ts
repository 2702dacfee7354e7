import { fork } from 'node:child_process';
import { once } from 'node:events';
import { measureInRounds, type Case, type Samples } from '../rounds.js';

const program = new URL('process.js', import.meta.url);

/**
 * Measures cases in rounds, and in each round the yardstick too. The yardstick
 * runs in a process of its own, since the heap that it leaves behind would slow
 * the cases down.
 */
export async function measureBesideYardstick(
  cases: readonly Case[],
  rounds: number,
): Promise<Samples> {
  // Without the flags of its parent, so that the yardstick is the same for
  // every suite.
  const process = fork(program, { execArgv: [] });
  const run = async (): Promise<number> => {
    process.send('measure');
    const [milliseconds] = (await once(process, 'message')) as [number];
    return milliseconds;
  };
  try {
    const yardstick = { name: 'yardstick', timesItself: true, run };
    return await measureInRounds([yardstick, ...cases], rounds);
  } finally {
    process.disconnect();
  }
}
