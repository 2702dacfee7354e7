import type { ConfMap } from '@nestjs-transitions/conf';
import { checkConfiguration, type Configuration } from './candidate.js';
import { Change, type ChangeOptions, type ChangeResult } from './change.js';
import type { Clock } from './clock.js';
import type { Engine } from './engine.js';
import {
  PreemptedByDownError,
  ReentrantTransitionError,
  TransitionStateError,
} from './errors.js';
import { JobQueue, type Job, type ReloadRequest } from './job-queue.js';
import { Offer } from './offer.js';
import type { Participant } from './participant.js';
import type { EventSink } from './plan-runner.js';
import { quietSink } from './quiet-sink.js';
import { RealState } from './real-state.js';
import { ReportDraft } from './report-draft.js';
import type { TransitionReport } from './report.js';
import { planReset } from './reset.js';
import type { TransitionSettings } from './settings.js';
import {
  snapshotOf,
  type Lifecycle,
  type TransitionsSnapshot,
} from './snapshot.js';
import { stepOf } from './step.js';
import { tearDown } from './teardown.js';
import { Transition } from './transition.js';
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
  private lastGeneration = 0;
  private lastId = 0;
  private running: Transition | undefined;
  private draining = false;
  private goingDown: Promise<TransitionReport> | undefined;
  private readonly jobs = new JobQueue();
  private readonly engine: Engine;
  private readonly guard: ReentrancyGuard;

  constructor(
    participants: readonly Participant[],
    { settings, clock, guard, ...ports }: CoordinatorPorts,
  ) {
    const sink = quietSink(ports.sink);
    const state = new RealState(participants, (step, settlement) =>
      sink.emit({
        type: 'callbackSettledLate',
        ...stepOf(step.callback, participants[step.participant]!, step.target),
        ...(settlement.kind === 'threw' ? { error: settlement.thrown } : {}),
      }),
    );
    this.engine = { settings, clock, sink, state };
    this.guard = guard;
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
    const report = await this.transition('up', request.reason, (transition) =>
      this.offer('up', request, transition),
    );
    void this.drain();
    return report;
  }

  /** A reload, which waits for what runs and shares its run with others that wait. */
  async signaled(request: ReloadRequest): Promise<TransitionReport> {
    this.refuseInside('a reload');
    return this.enqueue(request.reason, () => this.jobs.addReload(request));
  }

  /**
   * Forgets what is recorded against a volume and brings only that volume from
   * what is really held to what the configuration in force says. An overdue
   * callback for it, or for its group, is taken as not done.
   */
  async reset(volumeName: string): Promise<TransitionReport> {
    this.refuseInside('reset');
    return this.enqueue(resetReason(volumeName), () =>
      this.jobs.addReset(volumeName),
    );
  }

  /**
   * Takes everything down, pre-empting what runs. Always finishes, within
   * `shutdownTimeout` as far as callbacks let the process run at all. Every
   * call gets the first one's report. Reloads that wait, or are asked for from
   * now on, are rejected at once.
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

  /** What really is, step by step, while a transition runs too. */
  snapshot(): TransitionsSnapshot {
    const { state } = this.engine;
    return {
      lifecycle: this.lifecycle,
      busy: this.running !== undefined,
      ...snapshotOf(
        state,
        this.running?.runner.statesNow() ?? state.states,
        this.inForce,
      ),
    };
  }

  private async enqueue(
    reason: string,
    add: () => Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    if (this.isOver) return this.refusal(reason);
    const report = add();
    void this.drain();
    return report;
  }

  /** Runs what waits, one after the other, while the module is up. */
  private async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    while (this.lifecycle === 'up') {
      const job = this.jobs.take();
      if (job === undefined) break;
      const report = await this.runJob(job);
      for (const resolve of job.waiting) resolve(report);
    }
    this.draining = false;
    if (this.isOver) this.refuseWaiting();
  }

  private runJob(job: Job): Promise<TransitionReport> {
    return this.transition('signaled', reasonOf(job), (transition) =>
      job.kind === 'reload'
        ? this.offer('signaled', job.request, transition)
        : this.resetVolume(job.volumeName, transition),
    );
  }

  private async offer(
    kind: 'up' | 'signaled',
    request: ReloadRequest,
    transition: Transition,
  ): Promise<ChangeResult> {
    const { inForce } = this;
    const { runner, draft } = transition;
    transition.offer = new Offer(this.engine, runner, draft, {
      ...request,
      kind,
      force: request.force ?? false,
      inForce,
      generation: this.lastGeneration + 1,
    });
    const accepted = await transition.offer.check();
    if (accepted === undefined) {
      const outcome = runner.stoppedBy === undefined ? 'rejected' : 'failed';
      return { outcome, configuration: 'old' };
    }
    const { configuration: to, blocks, wanted } = accepted;
    const change = { kind, to, from: inForce, blocks, wanted };
    const result = await this.apply(change, transition);
    if (result.configuration === 'new') this.putInForce(to);
    return result;
  }

  private async resetVolume(
    volumeName: string,
    transition: Transition,
  ): Promise<ChangeResult> {
    const to = this.inForce!;
    let plan;
    try {
      plan = planReset(this.engine, volumeName, to.topology);
    } catch (thrown) {
      transition.draft.addError(thrown);
      return { outcome: 'rejected', configuration: 'old' };
    }
    return this.apply({ kind: 'signaled', to, from: to, ...plan }, transition);
  }

  private apply(
    change: ChangeOptions,
    { runner, draft }: Transition,
  ): Promise<ChangeResult> {
    const { to, blocks } = change;
    this.lastBegun = to;
    this.lastGeneration = Math.max(this.lastGeneration, to.generation);
    this.engine.sink.emit({
      type: 'transitionPlanned',
      id: draft.id,
      generation: to.generation,
      delta: draft.plan(blocks),
    });
    return new Change(this.engine, runner, draft, change).run();
  }

  private putInForce(configuration: Configuration): void {
    this.inForce = configuration;
    this.engine.state.goal = configuration.topology;
    this.engine.state.keepFailuresOf(configuration.generation);
  }

  private async goDown(reason: string): Promise<TransitionReport> {
    const { clock, settings } = this.engine;
    const deadline = clock.now() + settings.shutdownTimeout;
    this.lifecycle = 'goingDown';
    this.refuseWaiting();
    const grace = settings.shutdownTimeout * shareOfShutdown;
    this.running?.stop(new PreemptedByDownError(), grace);
    await this.running?.ended;
    return this.transition('down', reason, (transition) =>
      this.takeDown(transition, deadline),
    );
  }

  private async takeDown(
    { runner, draft }: Transition,
    deadline: number,
  ): Promise<ChangeResult> {
    const { state } = this.engine;
    state.goal = undefined;
    const configuration = this.inForce ?? this.lastBegun;
    if (configuration === undefined) {
      return { outcome: 'applied', configuration: 'old' };
    }
    const { generation, confMap } = configuration;
    const complete = await tearDown(this.engine, runner, draft, {
      context: {
        kind: 'down',
        id: draft.id,
        generation,
        confMap,
        previous: confMap,
      },
      deadline,
    });
    state.incomplete = !complete;
    const clean = complete && draft.errors.length === 0;
    return { outcome: clean ? 'applied' : 'failed', configuration: 'old' };
  }

  private transition(
    kind: TransitionReport['kind'],
    reason: string,
    body: (transition: Transition) => Promise<ChangeResult>,
  ): Promise<TransitionReport> {
    const transition = new Transition(this.engine, ++this.lastId, kind, reason);
    this.running = transition;
    return transition.run(
      () => this.guard.run(() => body(transition)),
      () => this.conclude(kind),
    );
  }

  private conclude(kind: TransitionReport['kind']): number {
    this.running = undefined;
    if (kind === 'down') this.lifecycle = 'down';
    // A Down may have taken over from a boot meanwhile.
    else if (this.lifecycle === 'goingUp') {
      this.lifecycle = this.inForce === undefined ? 'failed' : 'up';
    }
    return this.inForce?.generation ?? 0;
  }

  /** No reload will ever run again. */
  private get isOver(): boolean {
    return ['goingDown', 'down', 'failed'].includes(this.lifecycle);
  }

  private refuseWaiting(): void {
    for (let job = this.jobs.take(); job; job = this.jobs.take()) {
      const report = this.refusal(reasonOf(job));
      for (const resolve of job.waiting) resolve(report);
    }
  }

  private refusal(reason: string): TransitionReport {
    const { clock } = this.engine;
    const draft = new ReportDraft(++this.lastId, 'signaled', reason, clock);
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module goes down, or is down';
    draft.addError(new TransitionStateError('a reload', this.lifecycle, why));
    return draft.end('rejected', 'old', this.inForce?.generation ?? 0);
  }

  private refuseInside(what: string): void {
    if (this.guard.isInside()) throw new ReentrantTransitionError(what);
  }
}

function reasonOf(job: Job): string {
  return job.kind === 'reload'
    ? job.request.reason
    : resetReason(job.volumeName);
}

function resetReason(volumeName: string): string {
  return `reset ${volumeName}`;
}
