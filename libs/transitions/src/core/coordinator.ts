import type { ConfMap } from '@nestjs-transitions/conf';
import {
  checkConfiguration,
  type Configuration,
} from './configuration/configuration.js';
import type { ChangeResult } from './transition/change.js';
import type { Clock } from './time/clock.js';
import type { Engine } from './transition/engine.js';
import {
  PreemptedByDownError,
  ReentrantTransitionError,
  TransitionStateError,
} from './model/errors.js';
import type { ReentrancyGuard } from './guard.js';
import { InForce } from './state/in-force.js';
import {
  JobQueue,
  reasonOf,
  resetReason,
  type Job,
  type ReloadRequest,
} from './transition/job-queue.js';
import type { Participant } from './model/participant.js';
import type { EventSink } from './transition/plan-runner.js';
import { quietSink } from './transition/quiet-sink.js';
import { RealState } from './state/real-state.js';
import { ReportDraft } from './report/report-draft.js';
import type { TransitionReport } from './report/report.js';
import type { TransitionSettings } from './transition/settings.js';
import { keepStandby } from './standby.js';
import {
  snapshotOf,
  type Lifecycle,
  type TransitionsSnapshot,
} from './state/snapshot.js';
import { stepOf } from './model/step.js';
import { Transition } from './transition/transition.js';
import {
  bringIntoForce,
  resetVolume,
  takeDown,
  type TransitionScene,
} from './transition/transition-body.js';
import {
  describePlan,
  type TransitionPlan,
} from './report/plan-description.js';

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
  private lastId = 0;
  private running: Transition | undefined;
  private goingDown: Promise<TransitionReport> | undefined;
  private readonly jobs = new JobQueue();
  private readonly engine: Engine;
  private readonly inForce: InForce;
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
    this.inForce = new InForce(state);
    this.guard = guard;
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.inForce.configuration;
  }

  /**
   * The configuration that a transition brings into force, or undoes; undefined
   * while none does.
   */
  get coming(): Configuration | undefined {
    return this.inForce.coming;
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
    const report = await this.transition('up', request.reason, (scene) =>
      bringIntoForce(scene, 'up', request),
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
    const { configuration: from } = this.inForce;
    const kind = from === undefined ? 'up' : 'signaled';
    const to = checkConfiguration(confMap, 0, from);
    return describePlan(kind, this.engine.state, to);
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
        this.inForce.configuration,
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
    await this.jobs.drain(
      (job) => this.runJob(job),
      () => this.lifecycle === 'up',
    );
    if (this.isOver) this.refuseWaiting();
  }

  private runJob(job: Job): Promise<TransitionReport> {
    return this.transition('signaled', reasonOf(job), (scene) =>
      job.kind === 'reload'
        ? bringIntoForce(scene, 'signaled', job.request)
        : resetVolume(scene, job.volumeName),
    );
  }

  private async goDown(reason: string): Promise<TransitionReport> {
    const { clock, settings } = this.engine;
    const deadline = clock.now() + settings.shutdownTimeout;
    this.lifecycle = 'goingDown';
    this.refuseWaiting();
    const grace = settings.shutdownTimeout * shareOfShutdown;
    this.running?.stop(new PreemptedByDownError(), grace);
    await this.running?.ended;
    return this.transition('down', reason, (scene) =>
      takeDown(scene, deadline),
    );
  }

  private transition(
    kind: TransitionReport['kind'],
    reason: string,
    body: (scene: TransitionScene) => Promise<ChangeResult>,
  ): Promise<TransitionReport> {
    const { engine, inForce } = this;
    const transition = new Transition(engine, ++this.lastId, kind, reason);
    this.running = transition;
    return transition.run(
      () => this.guard.run(() => body({ engine, inForce, transition })),
      () => this.conclude(kind),
    );
  }

  private conclude(kind: TransitionReport['kind']): number {
    this.running = undefined;
    this.inForce.end();
    if (kind === 'down') this.lifecycle = 'down';
    // A Down may have taken over from a boot meanwhile.
    else if (this.lifecycle === 'goingUp') {
      this.lifecycle = this.configuration === undefined ? 'failed' : 'up';
    }
    const volumes = this.configuration?.topology.volumes.size ?? 0;
    this.guard.outside(() => keepStandby(volumes));
    return this.inForce.generation;
  }

  /** No reload will ever run again. */
  private get isOver(): boolean {
    return ['goingDown', 'down', 'failed'].includes(this.lifecycle);
  }

  private refuseWaiting(): void {
    this.jobs.answerAll((job) => this.refusal(reasonOf(job)));
  }

  private refusal(reason: string): TransitionReport {
    const { clock } = this.engine;
    const draft = new ReportDraft(++this.lastId, 'signaled', reason, clock);
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module goes down, or is down';
    draft.addError(new TransitionStateError('a reload', this.lifecycle, why));
    return draft.end('rejected', 'old', this.inForce.generation);
  }

  private refuseInside(what: string): void {
    if (this.guard.isInside()) throw new ReentrantTransitionError(what);
  }
}
