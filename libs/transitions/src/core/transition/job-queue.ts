import type { LoadRequest } from '../configuration/loading.js';
import type { TransitionReport } from '../report/report.js';

/** A reload that is asked for. */
export interface ReloadRequest extends LoadRequest {
  /** What asks for it: a signal, a file, a call. */
  readonly reason: string;
  /** Unserve more volumes than `maxUnserve`, if it takes that. */
  readonly force?: boolean;
}

type Waiting = (report: TransitionReport) => void;

/** Something that waits for its turn, and those who wait for its outcome. */
export type Job =
  | {
      readonly kind: 'reload';
      readonly request: ReloadRequest;
      readonly waiting: readonly Waiting[];
    }
  | {
      readonly kind: 'reset';
      readonly volumeName: string;
      readonly waiting: readonly Waiting[];
    };

/**
 * What waits for the transition that runs: at most one reload, which is for all
 * who asked since, with the newest request; and resets, one by one.
 */
export class JobQueue {
  private jobs: Job[] = [];
  private draining = false;

  /** Resolves with the report of the run that covers the request. */
  addReload(request: ReloadRequest): Promise<TransitionReport> {
    return new Promise((resolve) => {
      const at = this.jobs.findIndex(({ kind }) => kind === 'reload');
      const waiting = [...(this.jobs[at]?.waiting ?? []), resolve];
      const job: Job = { kind: 'reload', request, waiting };
      if (at === -1) this.jobs.push(job);
      else this.jobs[at] = job;
    });
  }

  addReset(volumeName: string): Promise<TransitionReport> {
    return new Promise((resolve) => {
      this.jobs.push({ kind: 'reset', volumeName, waiting: [resolve] });
    });
  }

  /**
   * Runs what waits, one after the other, as long as that is allowed. Returns at
   * once where it is being done already.
   */
  async drain(
    run: (job: Job) => Promise<TransitionReport>,
    mayRun: () => boolean,
  ): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    while (mayRun()) {
      const job = this.take();
      if (job === undefined) break;
      answer(job, await run(job));
    }
    this.draining = false;
  }

  /** Answers all who wait, without a run. */
  answerAll(reportOn: (job: Job) => TransitionReport): void {
    for (let job = this.take(); job; job = this.take()) {
      answer(job, reportOn(job));
    }
  }

  /** The next one whose turn it is; it no longer waits. */
  take(): Job | undefined {
    return this.jobs.shift();
  }
}

/** What asks for a job, as reports say it. */
export function reasonOf(job: Job): string {
  return job.kind === 'reload'
    ? job.request.reason
    : resetReason(job.volumeName);
}

/** What reports call a reset of a volume. */
export function resetReason(volumeName: string): string {
  return `reset ${volumeName}`;
}

function answer({ waiting }: Job, report: TransitionReport): void {
  for (const resolve of waiting) resolve(report);
}
