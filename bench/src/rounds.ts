import { Bench } from 'tinybench';

/** Something that is measured over and over. */
export interface Case {
  readonly name: string;
  /** Runs before each sample, and is not timed. */
  readonly prepare?: () => void | Promise<void>;
  readonly run: () => unknown;
  /** `run` returns, or resolves with, the time in milliseconds that counts. */
  readonly timesItself?: boolean;
}

/**
 * Milliseconds by the name of the case. Sample n of each case is from round n.
 */
export type Samples = ReadonlyMap<string, readonly number[]>;

/**
 * Measures cases in rounds: each case once per round, in turn. So whatever else
 * the machine does affects all cases alike, and figures of one round can be
 * divided by one another. Garbage is collected before each sample.
 */
export async function measureInRounds(
  cases: readonly Case[],
  rounds: number,
  warmUps = 2,
): Promise<Samples> {
  const samples = new Map(cases.map(({ name }) => [name, [] as number[]]));
  const samplers = cases.map((each) => [each.name, samplerOf(each)] as const);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, takeSample] of samplers) {
      const milliseconds = await takeSample();
      if (round >= 0) samples.get(name)!.push(milliseconds);
    }
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  return samples;
}

function samplerOf({ timesItself, ...each }: Case): () => Promise<number> {
  if (timesItself) return async () => (await each.run()) as number;
  const bench = benchOf(each);
  return () => sampleOf(bench);
}

function benchOf({ name, prepare, run }: Case): Bench {
  const bench = new Bench({
    iterations: 1,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  const beforeEach = async (): Promise<void> => {
    await prepare?.();
    collectGarbage();
  };
  return bench.add(name, run, { async: true, beforeEach });
}

async function sampleOf(bench: Bench): Promise<number> {
  bench.reset();
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') {
    throw new Error(`${task?.name} did not complete but is ${result?.state}`);
  }
  return result.latency.samples!.at(-1)!;
}

/** A full collection, so that no case pays for the garbage of another. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('Run it with --expose-gc');
  globalThis.gc();
}
