import type { LoadRequest } from '../configuration/loading.js';
import type { TransitionReport } from '../report/report.js';
import type { Clock } from '../time/clock.js';
import { nextTurn } from '../time/slices.js';

/** Many resets may wait, each of which is over within a millisecond. */
const jobsBetweenTurns = 8;

/** A reload that is asked for. */
export interface ReloadRequest extends LoadRequest {
  /** What asks for it: a signal, a file, a call. */
  readonly reason: string;
  /** Unserve more volumes than `maxUnserve`, if it takes that. */
  readonly force?: boolean;
  /** Nobody waits for its report: it is tried again where a callback failed. */
  readonly isUnattended?: boolean;
  /** Take over from the reload that runs, at its next step. */
  readonly supersede?: boolean;
}

/** Something that waits for its turn: it is run, or refused where nothing runs any more. */
interface Job {
  /** It runs in the time before a Down too. */
  readonly isUrgent: boolean;
  run(): Promise<void>;
  refuse(): void;
}

/** A reload that was taken out of the queue. */
export interface TakenReload {
  readonly request: ReloadRequest;
  /** Tells all who asked for it. */
  settle(report: TransitionReport | Promise<TransitionReport>): void;
}

interface WaitingReload extends TakenReload {
  request: ReloadRequest;
  readonly report: Promise<TransitionReport>;
  readonly job: Job;
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
  /** What goes on with what another has begun: it is run whatever else waits. */
  private next: Job | undefined;
  private draining = false;
  private waitingReload: WaitingReload | undefined;

  constructor(private readonly clock: Clock) {}

  /**
   * Resolves with the report of the run that covers the request: the newest
   * request is run, forced and superseding if any of them is to be, and tried again
   * where one of them is.
   */
  addReload(
    request: ReloadRequest,
    runs: Runs<ReloadRequest, TransitionReport>,
  ): Promise<TransitionReport> {
    const { waitingReload } = this;
    if (waitingReload !== undefined) {
      waitingReload.request = joined(request, waitingReload.request);
      return waitingReload.report;
    }
    const reload = waiting(request, runs, () => {
      // Whoever asks while it runs is for the next one.
      this.waitingReload = undefined;
    });
    this.waitingReload = reload;
    this.jobs.push(reload.job);
    return reload.report;
  }

  /** Whether a reload waits, or is to go on with what another has begun. */
  get hasReload(): boolean {
    return this.waitingReload !== undefined || this.next !== undefined;
  }

  /** Resolves with what the job comes to. What is urgent comes before all that waits. */
  add<Input, T>(
    input: Input,
    runs: Runs<Input, T>,
    { isUrgent = false } = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        isUrgent,
        run: () => runs.run(input).then(resolve, reject),
        refuse: () => resolve(runs.refuse(input)),
      };
      if (isUrgent) this.jobs.unshift(job);
      else this.jobs.push(job);
    });
  }

  /** Takes out the reload that waits, where it is to supersede: who asks from now on is for another. */
  takeSuperseding(): TakenReload | undefined {
    const { waitingReload } = this;
    if (waitingReload?.request.supersede !== true) return undefined;
    this.waitingReload = undefined;
    this.jobs = this.jobs.filter((job) => job !== waitingReload.job);
    return waitingReload;
  }

  /**
   * A reload that was taken out waits for its turn after all, before all other
   * jobs; or it becomes one with the reload that was asked for since.
   */
  putBack(taken: TakenReload): void {
    const reload = taken as WaitingReload;
    reload.request = { ...reload.request, supersede: false };
    const { waitingReload } = this;
    if (waitingReload === undefined) {
      this.waitingReload = reload;
      this.jobs.unshift(reload.job);
    } else {
      waitingReload.request = joined(waitingReload.request, reload.request);
      reload.settle(waitingReload.report);
    }
  }

  /** A reload that was taken out is run in another way, right after what runs now. */
  runNext(reload: TakenReload, run: () => Promise<TransitionReport>): void {
    this.next = {
      isUrgent: false,
      run: async () => {
        const report = run();
        reload.settle(report);
        await report;
      },
      refuse: () => {},
    };
  }

  /**
   * Runs what waits, one after the other, as long as that is allowed. Returns at
   * once where it is being done already. After some of
   * them the process can do other work.
   */
  async drain(mayRun: () => boolean): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    for (let run = 1; ; run++) {
      const job = this.next ?? (mayRun() ? this.jobs.shift() : undefined);
      this.next = undefined;
      if (job === undefined) break;
      await job.run();
      if (run % jobsBetweenTurns === 0) await nextTurn(this.clock);
    }
    this.draining = false;
  }

  /** Refuses all that waits, or leaves what is urgent. */
  refuse(which: 'all' | 'not urgent'): void {
    const { jobs } = this;
    const stays = (job: Job): boolean => which !== 'all' && job.isUrgent;
    this.jobs = jobs.filter(stays);
    for (const job of jobs) if (!stays(job)) job.refuse();
  }
}

/** The newest request, with what any of them asks for. */
function joined(newest: ReloadRequest, older: ReloadRequest): ReloadRequest {
  const force = newest.force || older.force || false;
  const supersede = newest.supersede || older.supersede || false;
  const isUnattended = newest.isUnattended || older.isUnattended || false;
  return { ...newest, force, supersede, isUnattended };
}

function waiting(
  request: ReloadRequest,
  runs: Runs<ReloadRequest, TransitionReport>,
  leave: () => void,
): WaitingReload {
  let settle!: WaitingReload['settle'];
  let fail!: (thrown: unknown) => void;
  const report = new Promise<TransitionReport>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  const reload: WaitingReload = {
    request,
    report,
    settle,
    job: {
      isUrgent: false,
      run: () => {
        leave();
        return runs.run(reload.request).then(settle, fail);
      },
      refuse: () => {
        leave();
        settle(runs.refuse(reload.request));
      },
    },
  };
  return reload;
}
