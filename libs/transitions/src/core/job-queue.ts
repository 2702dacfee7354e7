import type { LoadRequest } from './loading.js';
import type { TransitionReport } from './report.js';

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

  /** The next one whose turn it is; it no longer waits. */
  take(): Job | undefined {
    return this.jobs.shift();
  }
}
