import type { LoadRequest } from '../configuration/loading.js';
import type { TransitionReport } from '../report/report.js';

/** A reload that is asked for. */
export interface ReloadRequest extends LoadRequest {
  /** What asks for it: a signal, a file, a call. */
  readonly reason: string;
  /** Unserve more volumes than `maxUnserve`, if it takes that. */
  readonly force?: boolean;
  /** Nobody waits for its report: it is tried again where a callback failed. */
  readonly isUnattended?: boolean;
}

/** Something that waits for its turn: it is run, or refused where nothing runs any more. */
interface Job {
  run(): Promise<void>;
  refuse(): void;
}

interface WaitingReload {
  request: ReloadRequest;
  readonly report: Promise<TransitionReport>;
}

/** How a job is run, and what it comes to where it never is. */
export interface Runs<Input, T> {
  run(input: Input): Promise<T>;
  refuse(input: Input): T;
}

/**
 * What waits for the transition that runs: at most one reload, which is for all
 * who asked since, and other jobs, one by one.
 */
export class JobQueue {
  private jobs: Job[] = [];
  private draining = false;
  private waitingReload: WaitingReload | undefined;

  /**
   * Resolves with the report of the run that covers the request: the newest
   * request is run, with the force that any of them asked for, and tried again
   * where one of them is.
   */
  addReload(
    request: ReloadRequest,
    runs: Runs<ReloadRequest, TransitionReport>,
  ): Promise<TransitionReport> {
    const { waitingReload } = this;
    if (waitingReload !== undefined) {
      const { request: waiting } = waitingReload;
      const force = request.force || waiting.force || false;
      const isUnattended =
        request.isUnattended || waiting.isUnattended || false;
      waitingReload.request = { ...request, force, isUnattended };
      return waitingReload.report;
    }
    // Whoever asks while it runs is for the next one.
    const take = (): ReloadRequest => {
      const taken = this.waitingReload!.request;
      this.waitingReload = undefined;
      return taken;
    };
    const report = this.add(undefined, {
      run: () => runs.run(take()),
      refuse: () => runs.refuse(take()),
    });
    this.waitingReload = { request, report };
    return report;
  }

  /** Resolves with what the job comes to. */
  add<Input, T>(input: Input, runs: Runs<Input, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.jobs.push({
        run: () => runs.run(input).then(resolve, reject),
        refuse: () => resolve(runs.refuse(input)),
      });
    });
  }

  /**
   * Runs what waits, one after the other, as long as that is allowed. Returns at
   * once where it is being done already.
   */
  async drain(mayRun: () => boolean): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    while (mayRun()) {
      const job = this.jobs.shift();
      if (job === undefined) break;
      await job.run();
    }
    this.draining = false;
  }

  /** Refuses all that waits. */
  refuseAll(): void {
    for (const job of this.jobs.splice(0)) job.refuse();
  }
}
