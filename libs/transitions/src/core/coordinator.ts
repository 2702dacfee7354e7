import type { ConfMap } from '@nestjs-transitions/conf';
import { checkConfiguration, type Configuration } from './candidate.js';
import { Change, type ChangeOptions, type ChangeResult } from './change.js';
import type { Clock } from './clock.js';
import type { Engine } from './engine.js';
import {
  InternalError,
  PreemptedByDownError,
  ReentrantTransitionError,
  TransitionStateError,
} from './errors.js';
import { JobQueue, type Job, type ReloadRequest } from './job-queue.js';
import { Offer, refuseUnknown } from './offer.js';
import type { Participant } from './participant.js';
import { planTransition } from './plan.js';
import { PlanRunner, type EventSink } from './plan-runner.js';
import { RealState, withVolumeOf } from './real-state.js';
import { ReportDraft } from './report-draft.js';
import type { TransitionReport } from './report.js';
import type { TransitionSettings } from './settings.js';
import {
  snapshotOf,
  type Lifecycle,
  type TransitionsSnapshot,
} from './snapshot.js';
import { stepOf } from './step.js';
import { tearDown } from './teardown.js';
import { describePlan, type TransitionPlan } from './transition-plan.js';

/** Tells whether code runs inside a transition. */
export interface ReentrancyGuard {
  run<T>(transition: () => Promise<T>): Promise<T>;
  isInside(): boolean;
}

/** What the coordinator needs from outside. */
export interface CoordinatorPorts {
  readonly settings: TransitionSettings;
  readonly clock: Clock;
  readonly sink: EventSink;
  readonly guard: ReentrancyGuard;
}

/** A transition that runs, as a Down that wants to stop it sees it. */
interface Running {
  readonly runner: PlanRunner;
  readonly draft: ReportDraft;
  offer?: Offer;
}

// What is left to callbacks in flight when a Down pre-empts their transition.
const shareOfShutdown = 0.5;

/**
 * Runs transitions one at a time over the real state: a boot, then reloads and
 * resets as they are asked for, and a Down that pre-empts them. Every promise
 * it returns resolves with a report, whatever the outcome; only what the
 * present state forbids rejects.
 */
export class Coordinator {
  private lifecycle: Lifecycle = 'idle';
  private inForce: Configuration | undefined;
  /** The last configuration of which a step was begun. */
  private lastBegun: Configuration | undefined;
  private lastId = 0;
  private running: Running | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private draining = false;
  private goingDown: Promise<TransitionReport> | undefined;
  private readonly jobs = new JobQueue();
  private readonly engine: Engine;

  constructor(
    participants: readonly Participant[],
    private readonly ports: CoordinatorPorts,
  ) {
    const { sink } = ports;
    const state = new RealState(participants, (step, settlement) =>
      sink.emit({
        type: 'callbackSettledLate',
        ...stepOf(step.callback, participants[step.participant]!, step.target),
        ...(settlement.kind === 'threw' ? { error: settlement.thrown } : {}),
      }),
    );
    this.engine = { ...ports, state };
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.inForce;
  }

  /** Up, and what is held is what the configuration in force says. */
  get isHealthy(): boolean {
    return this.lifecycle === 'up' && !this.engine.state.isDegraded;
  }

  /** The boot. @throws TransitionStateError unless nothing has happened yet. */
  async up(request: ReloadRequest): Promise<TransitionReport> {
    this.refuseInside('up');
    if (this.lifecycle !== 'idle') {
      throw new TransitionStateError(
        'up',
        this.lifecycle,
        'a process goes up once',
      );
    }
    this.lifecycle = 'goingUp';
    const report = await this.transition('up', request.reason, (running) =>
      this.offer('up', request, running),
    );
    // A Down may have taken over meanwhile.
    if (this.lifecycle === 'goingUp') {
      this.lifecycle = report.configuration === 'new' ? 'up' : 'failed';
    }
    void this.drain();
    return report;
  }

  /** A reload, which waits for what runs and shares its run with others that wait. */
  async signaled(request: ReloadRequest): Promise<TransitionReport> {
    this.refuseInside('a reload');
    const report = this.jobs.addReload(request);
    void this.drain();
    return report;
  }

  /**
   * Forgets what is recorded against a volume and brings only that volume from
   * what is really held to what the configuration in force says. An overdue
   * callback of it is taken as not done.
   */
  async reset(volumeName: string): Promise<TransitionReport> {
    this.refuseInside('reset');
    const report = this.jobs.addReset(volumeName);
    void this.drain();
    return report;
  }

  /**
   * Takes everything down, pre-empting what runs. Always finishes, within
   * `shutdownTimeout` as far as callbacks let the process run at all. Every
   * call gets the first one's report.
   */
  down(reason: string): Promise<TransitionReport> {
    return (this.goingDown ??= this.goDown(reason));
  }

  /**
   * What a configuration would do if it were applied now.
   *
   * @throws ConfigurationError
   */
  plan(confMap: ConfMap): TransitionPlan {
    const kind = this.inForce === undefined ? 'up' : 'signaled';
    const configuration = checkConfiguration(confMap, 0, this.inForce);
    return describePlan(kind, this.engine.state, configuration);
  }

  snapshot(): TransitionsSnapshot {
    return {
      lifecycle: this.lifecycle,
      busy: this.running !== undefined,
      ...snapshotOf(this.engine.state, this.inForce),
    };
  }

  /** Runs what waits, one after the other, while the module is up. */
  private async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    while (this.lifecycle !== 'idle' && this.lifecycle !== 'goingUp') {
      const job = this.jobs.take();
      if (job === undefined) break;
      const report = await this.runJob(job);
      for (const resolve of job.waiting) resolve(report);
    }
    this.draining = false;
  }

  private runJob(job: Job): Promise<TransitionReport> {
    const reason =
      job.kind === 'reload' ? job.request.reason : `reset ${job.volumeName}`;
    return this.transition('signaled', reason, (running) => {
      if (this.lifecycle !== 'up') return this.refuse(running);
      return job.kind === 'reload'
        ? this.offer('signaled', job.request, running)
        : this.resetVolume(job.volumeName, running);
    });
  }

  private async refuse({ draft }: Running): Promise<ChangeResult> {
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module is on its way down';
    draft.addError(new TransitionStateError('a reload', this.lifecycle, why));
    return { outcome: 'rejected', configuration: 'old' };
  }

  private async offer(
    kind: 'up' | 'signaled',
    request: ReloadRequest,
    running: Running,
  ): Promise<ChangeResult> {
    const { inForce } = this;
    const { runner, draft } = running;
    running.offer = new Offer(this.engine, runner, draft, {
      kind,
      load: request.load,
      force: request.force ?? false,
      inForce,
      generation: (this.lastBegun?.generation ?? 0) + 1,
    });
    const accepted = await running.offer.check();
    if (accepted === undefined) {
      const outcome = runner.stoppedBy === undefined ? 'rejected' : 'failed';
      return { outcome, configuration: 'old' };
    }
    const { configuration: to, blocks, wanted } = accepted;
    const change = { kind, to, from: inForce, blocks, wanted };
    const result = await this.apply(change, running);
    if (result.configuration === 'new') {
      this.inForce = to;
      this.engine.state.keepFailuresOf(to.generation);
    }
    return result;
  }

  private async resetVolume(
    volumeName: string,
    running: Running,
  ): Promise<ChangeResult> {
    const { state } = this.engine;
    const to = this.inForce!;
    state.forget(volumeName);
    const wanted = state.states.map(({ held }) =>
      withVolumeOf(held, to.topology, volumeName),
    );
    const blocks = planTransition(
      'signaled',
      state.states.map((current, index) => ({
        state: current,
        wanted: wanted[index]!,
      })),
    );
    try {
      this.checkReset(volumeName, to);
      refuseUnknown(this.engine, blocks);
    } catch (thrown) {
      running.draft.addError(thrown);
      return { outcome: 'rejected', configuration: 'old' };
    }
    return this.apply(
      { kind: 'signaled', to, from: to, blocks, wanted },
      running,
    );
  }

  private checkReset(volumeName: string, { topology }: Configuration): void {
    if (topology.volumes.has(volumeName)) return;
    if (this.engine.state.holds(volumeName)) return;
    throw new TransitionStateError(
      `reset(${volumeName})`,
      this.lifecycle,
      'there is no such volume',
    );
  }

  private apply(
    change: ChangeOptions,
    { runner, draft }: Running,
  ): Promise<ChangeResult> {
    this.lastBegun = change.to;
    this.ports.sink.emit({
      type: 'transitionPlanned',
      id: draft.id,
      generation: change.to.generation,
      delta: draft.plan(change.blocks),
    });
    return new Change(this.engine, runner, draft, change).run();
  }

  private async goDown(reason: string): Promise<TransitionReport> {
    const { clock, settings } = this.ports;
    const deadline = clock.now() + settings.shutdownTimeout;
    this.lifecycle = 'goingDown';
    if (this.running !== undefined) {
      const cause = new PreemptedByDownError();
      this.running.offer?.stop(cause);
      const grace = settings.shutdownTimeout * shareOfShutdown;
      this.running.runner.stop(cause, grace);
      await this.ended;
    }
    const report = await this.transition('down', reason, (running) =>
      this.takeDown(running, deadline),
    );
    this.lifecycle = 'down';
    void this.drain();
    return report;
  }

  private async takeDown(
    { runner, draft }: Running,
    deadline: number,
  ): Promise<ChangeResult> {
    const configuration = this.inForce ?? this.lastBegun;
    if (configuration === undefined) {
      return { outcome: 'applied', configuration: 'old' };
    }
    const context = {
      kind: 'down' as const,
      id: draft.id,
      generation: configuration.generation,
      confMap: configuration.confMap,
      previous: configuration.confMap,
    };
    const complete = await tearDown(this.engine, runner, draft, {
      context,
      deadline,
    });
    const outcome =
      complete && draft.errors.length === 0 ? 'applied' : 'failed';
    return { outcome, configuration: 'old' };
  }

  private transition(
    kind: TransitionReport['kind'],
    reason: string,
    run: (running: Running) => Promise<ChangeResult>,
  ): Promise<TransitionReport> {
    const { sink, clock, settings, guard } = this.ports;
    const draft = new ReportDraft(++this.lastId, kind, reason, clock);
    const runner = new PlanRunner(this.engine.state, settings, clock, sink);
    const running: Running = { runner, draft };
    this.running = running;
    const report = (async () => {
      sink.emit({ type: 'transitionStarted', id: draft.id, kind, reason });
      const result = await guard
        .run(() => run(running))
        .catch((thrown: unknown) => this.bug(thrown, draft));
      this.running = undefined;
      return draft.end(
        result.outcome,
        result.configuration,
        this.inForce?.generation ?? 0,
      );
    })();
    this.ended = report;
    return report.then((ended) => {
      sink.emit({ type: 'transitionEnded', report: ended });
      return ended;
    });
  }

  private bug(thrown: unknown, draft: ReportDraft): ChangeResult {
    this.engine.state.incomplete = true;
    draft.addError(
      new InternalError(
        'A bug in nestjs-transitions stopped the transition; please report it',
        { cause: thrown },
      ),
    );
    return { outcome: 'degraded', configuration: 'old' };
  }

  private refuseInside(what: string): void {
    if (this.ports.guard.isInside()) throw new ReentrantTransitionError(what);
  }
}
