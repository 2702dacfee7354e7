import { Session, type Profiler } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

/** How often each function of the core ran, or went round in its busiest loop, by its file and name. */
export type Work = ReadonlyMap<string, number>;

const folder = '/libs/transitions/src/core/';

/**
 * Counts what the core does, however long that takes: the engine counts how
 * often each block of its code runs, if the code is loaded only then. What built-in
 * functions copy does not count.
 */
export class WorkCounter {
  private readonly session = new Session();

  constructor() {
    // Calls that are compiled into their caller would not count.
    setFlagsFromString('--no-opt');
    setFlagsFromString('--no-maglev');
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', {
      callCount: true,
      detailed: true,
    });
  }

  /** The work since it was taken last. */
  take(): Work {
    const work = new Map<string, number>();
    for (const { url, functions } of this.coverage()) {
      const [, file] = url.split(folder);
      if (file === undefined) continue;
      for (const { functionName, ranges } of functions) {
        const name = `${file} ${functionName}`;
        const times = Math.max(...ranges.map(({ count }) => count));
        work.set(name, (work.get(name) ?? 0) + times);
      }
    }
    return work;
  }

  private coverage(): readonly Profiler.ScriptCoverage[] {
    let coverage: readonly Profiler.ScriptCoverage[] | undefined;
    // Answered before it returns, as the session is that of this very thread.
    this.session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error === null) coverage = taken.result;
    });
    if (coverage === undefined) throw new Error('The engine did not count');
    return coverage;
  }
}

/** The core, and what counts its work. */
export interface Counted {
  readonly counter: WorkCounter;
  readonly core: typeof import('nestjs-transitions/core');
  readonly conf: typeof import('@nestjs-transitions/conf');
}

/** Loads the core so that its work is counted: import nothing of it otherwise, but types. */
export async function loadCounted(): Promise<Counted> {
  const counter = new WorkCounter();
  const core = await import('nestjs-transitions/core');
  const conf = await import('@nestjs-transitions/conf');
  return { counter, core, conf };
}

/** Work among few volumes, and the same among many. */
type Works = readonly [few: Work, many: Work];

const noWork: Work = new Map();
// A turn more or less of the process between two steps.
const slack = 5;

/** The functions whose work grows with the volumes, and by more than it does elsewhere. */
export function growthBeyond(
  [few, many]: Works,
  [fewElsewhere, manyElsewhere]: Works = [noWork, noWork],
): string[] {
  return [...many].flatMap(([name, times]) => {
    const before = few.get(name) ?? 0;
    const elsewhere =
      (manyElsewhere.get(name) ?? 0) - (fewElsewhere.get(name) ?? 0);
    return times - before > Math.max(elsewhere, 0) + slack
      ? [`${name}: ${before} times, and then ${times}`]
      : [];
  });
}

/** The functions whose work grows by more than a factor, as does all that it is about. */
export function growthBeyondFactor(
  [few, many]: Works,
  factor: number,
): string[] {
  return [...many].flatMap(([name, times]) => {
    const before = few.get(name) ?? 0;
    return times > factor * (before + slack)
      ? [`${name}: ${before} times, and then ${times}`]
      : [];
  });
}
