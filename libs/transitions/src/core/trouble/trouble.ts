import type { VolumeFailedError } from '../model/errors.js';
import {
  CallbackError,
  ConfigurationLoadError,
  TargetUnknownError,
} from '../model/errors.js';
import { listed } from '../model/error-text.js';
import { isServedIn } from '../plan/holdings.js';
import type { TransitionReport } from '../report/report.js';
import type { PendingRetry } from '../state/snapshot.js';
import { retry } from '../transition/bring-into-force.js';
import type { Course } from '../transition/course.js';
import type { Engine } from '../transition/engine.js';
import { failVolumes } from '../transition/fail.js';
import type { ReloadRequest } from '../transition/job-queue.js';
import type { Due } from '../transition/retry.js';
import type { Transition } from '../transition/transition.js';
import { FailingVolumes, type FailingPorts } from './failing-volumes.js';
import { Retries } from './retries.js';

/** Who runs transitions, one at a time. */
export interface Conductor {
  /** Runs something when its turn comes; `refuse` where it never does. */
  inTurn<T>(run: () => Promise<T>, refuse: () => T): Promise<T>;
  /** Runs a transition now: the turn has come. */
  run(
    reason: string,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport>;
  /** The same with a reload. */
  offer(request: ReloadRequest): Promise<TransitionReport>;
  refusal(what: string, reason: string): TransitionReport;
}

/** What volumes in trouble need from outside. */
export interface TroublePorts extends Pick<
  FailingPorts,
  'isServed' | 'isInsideOf' | 'shut'
> {
  /** Lets requests into a volume again that was shut, but that nobody has let go of. */
  readonly reopen: (volumeName: string) => void;
  readonly conductor: Conductor;
  /** Runs work that belongs to no transition, nor to what asked for one. */
  readonly outside: (work: () => void) => void;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Volumes that fail while they are served, and everything that is tried again. */
export class Trouble {
  private readonly failing: FailingVolumes;
  private retries: Retries | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly ports: TroublePorts,
  ) {
    const { sink, clock, state, settings } = engine;
    this.failing = new FailingVolumes({
      ...ports,
      sink,
      run: (take) => this.letGo(take),
    });
    const { random } = ports;
    const onDue = (): void => {
      void this.tryAgain();
    };
    if (settings.retry === false) return;
    const own = { clock, random, sink, state, onDue };
    this.retries = new Retries(settings.retry, own);
  }

  /** What is tried again. */
  get pending(): readonly PendingRetry[] {
    return this.retries?.pending ?? [];
  }

  /** Whether a volume has failed, and not all participants have let go of it. */
  isFailing(volumeName: string): boolean {
    const { failures } = this.engine.state;
    return this.failing.has(volumeName) || failures.isFalling(volumeName);
  }

  /** See {@link FailingVolumes.fail}. */
  fail(volumeName: string, cause: unknown): Promise<TransitionReport> {
    return this.failing.fail(volumeName, cause);
  }

  /**
   * A transition is about to end. What was shut is opened again where it fails no
   * more and all serve it: nobody was told to let go of it, or to serve it since.
   */
  reopen(): void {
    const { states } = this.engine.state;
    for (const name of this.failing.shut) {
      if (this.isFailing(name)) continue;
      const serving = states.filter((state) => isServedIn([state], name));
      if (serving.length > 0 && serving.length < states.length) continue;
      this.failing.shut.delete(name);
      if (serving.length > 0) this.ports.reopen(name);
    }
  }

  /** A transition has ended, or something unknown has settled. */
  look(): void {
    // A timer belongs to no transition, nor to what asked for one.
    this.ports.outside(() => this.retries?.look());
  }

  /** Follows a reload that somebody, or something, asked for. */
  async follow(
    request: ReloadRequest,
    running: Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const report = await running;
    this.ports.outside(() => this.reloaded(request, report));
    return report;
  }

  /** Nothing is tried any more. */
  stop(): void {
    this.failing.shut.clear();
    this.retries?.stop();
    this.retries = undefined;
  }

  private reloaded(request: ReloadRequest, report: TransitionReport): void {
    const { retry: settings } = this.engine.settings;
    const { retries } = this;
    if (retries === undefined || settings === false) return;
    const isOurs = request.isUnattended || settings.reloads;
    if (isOurs && hasFailed(report)) {
      retries.forgetReload();
      retries.keepReload(request);
    } else if (report.outcome !== 'superseded' && !mayPass(report)) {
      retries.forgetReload();
    }
  }

  private letGo(
    take: () => readonly VolumeFailedError[],
  ): Promise<TransitionReport> {
    const { conductor } = this.ports;
    return conductor.inTurn(
      () => {
        const errors = take();
        return conductor.run(`fail ${namesOf(errors)}`, (transition) =>
          failVolumes(transition, errors),
        );
      },
      () => {
        const names = namesOf(take());
        return conductor.refusal(`fail(${names})`, `fail ${names}`);
      },
    );
  }

  private tryAgain(): Promise<void> {
    return this.ports.conductor.inTurn(
      () => this.runDue(),
      () => undefined,
    );
  }

  private async runDue(): Promise<void> {
    const { conductor } = this.ports;
    const { retries } = this;
    if (retries === undefined) return;
    const { aside, reload } = retries.takeDue();
    if (aside !== undefined) {
      await conductor.run(reasonOf(aside), (transition) =>
        retry(transition, aside),
      );
    }
    if (reload !== undefined) {
      const reason = `retry of ${reload.reason}`;
      const report = await conductor.offer({ ...reload, reason });
      if (mayPass(report)) this.retries?.keepReload(reload);
      else this.retries?.forgetReload();
    }
    // Where nothing was due any more too.
    this.look();
  }
}

function namesOf(errors: readonly VolumeFailedError[]): string {
  return listed(errors.map(({ volume }) => volume));
}

function reasonOf({ groups, volumes }: Due): string {
  const names = [...Array.from(groups, (name) => `group ${name}`), ...volumes];
  return `retry ${listed(names)}`;
}

/** Whether a reload came to nothing because a callback failed. */
function hasFailed({
  configuration,
  outcome,
  errors,
}: TransitionReport): boolean {
  return (
    configuration === 'old' &&
    (outcome === 'rolledBack' || outcome === 'degraded') &&
    errors.some((error) => error instanceof CallbackError)
  );
}

/** Whether it came to nothing for what may be otherwise the next time, not for what the configuration says. */
function mayPass(report: TransitionReport): boolean {
  if (report.outcome !== 'rejected') return hasFailed(report);
  return report.errors.every(
    (error) =>
      error instanceof ConfigurationLoadError ||
      error instanceof TargetUnknownError,
  );
}
