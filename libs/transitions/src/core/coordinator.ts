import type { ConfMap } from '@nestjs-transitions/conf';
import {
  checkConfiguration,
  type Configuration,
} from './configuration/configuration.js';
import type { SectionSchemas } from './configuration/section-schemas.js';
import type { Clock } from './time/clock.js';
import { doInSlices } from './time/slices.js';
import type { Engine } from './transition/engine.js';
import {
  PreemptedByDownError,
  ReentrantTransitionError,
  TransitionStateError,
} from './model/errors.js';
import type { ReentrancyGuard } from './guard.js';
import { InForce } from './state/in-force.js';
import { JobQueue, type ReloadRequest } from './transition/job-queue.js';
import type { Participant, ParticipantState } from './model/participant.js';
import { RealState } from './state/real-state.js';
import { ReportDraft } from './report/report-draft.js';
import type { EventSink } from './report/events.js';
import type { TransitionReport } from './report/report.js';
import type { TransitionSettings } from './transition/settings.js';
import { keepStandby } from './standby.js';
import {
  snapshotOf,
  type Lifecycle,
  type ReportSummary,
  type TransitionsSnapshot,
} from './state/snapshot.js';
import type { Step } from './model/step.js';
import { isServedIn } from './plan/holdings.js';
import { settledLate } from './report/settled-late.js';
import type { Course } from './transition/course.js';
import {
  bringIntoForce,
  reset,
  takeOver,
} from './transition/bring-into-force.js';
import {
  dryRun,
  rejectedDryRun,
  type DryRunReport,
} from './transition/dry-run.js';
import { resetReason, type ResetTarget } from './transition/reset.js';
import { Superseder } from './transition/superseder.js';
import { takeDown } from './transition/take-down.js';
import { Transition } from './transition/transition.js';
import { Trouble, type TroublePorts } from './trouble/trouble.js';
import {
  describePlan,
  type TransitionPlan,
} from './transition/plan-description.js';

/** What the coordinator needs from outside. */
export interface CoordinatorPorts {
  readonly settings: TransitionSettings;
  readonly clock: Clock;
  /** Randomness, from 0 to below 1: when what failed is tried again. */
  readonly random: () => number;
  /**
   * Lets nobody into a volume that has failed, at once. Default: there is no gate.
   */
  readonly shut?: (volumeName: string) => void;
  /** Lets requests into such a volume again that all have served all the time. */
  readonly reopen?: (volumeName: string) => void;
  readonly sink: EventSink;
  readonly guard: ReentrancyGuard;
  /** What is said about options of the application's own. */
  readonly schemas?: SectionSchemas;
}

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
  private lastReport: ReportSummary | undefined;
  /** Of the last boot or reload, where it was refused. */
  private refused: ReportSummary | undefined;
  /** Settles when what runs has ended. */
  private lastEnd: Promise<unknown> | undefined;
  private goingDown: Promise<TransitionReport> | undefined;
  private retiring = false;
  private readonly jobs = new JobQueue();
  private readonly superseder: Superseder;
  private readonly engine: Engine;
  private readonly guard: ReentrancyGuard;
  private readonly trouble: Trouble;

  constructor(
    participants: readonly Participant[],
    {
      settings,
      clock,
      sink,
      guard,
      random,
      schemas,
      shut = () => {},
      reopen = () => {},
    }: CoordinatorPorts,
  ) {
    const state = new RealState(participants, (step, settlement) => {
      sink.emit(settledLate(step, settlement, participants));
      // Once the state is assessed; a transition looks when it has ended.
      void Promise.resolve().then(() => this.running ?? this.lookForTrouble());
    });
    const inForce = new InForce(state);
    this.engine = { settings, clock, sink, state, inForce, schemas };
    this.guard = guard;
    this.superseder = this.makeSuperseder();
    this.trouble = this.makeTrouble({ random, shut, reopen });
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.engine.inForce.configuration;
  }

  /**
   * The configuration that a transition brings into force, or undoes; undefined
   * while none does.
   */
  get coming(): Configuration | undefined {
    return this.engine.inForce.coming;
  }

  /**
   * Up, and all participants hold what the configuration in force says, and
   * nothing else; with `readyWhenPartial` but for what is set aside.
   */
  get isHealthy(): boolean {
    const { state, settings } = this.engine;
    if (this.lifecycle !== 'up' || state.isDegraded) return false;
    return state.failures.isEmpty || settings.readyWhenPartial;
  }

  /** A transition runs, or a reload waits to run; a dry run is none. */
  get isChanging(): boolean {
    const { running, jobs, superseder } = this;
    const isDry = running?.isDry ?? true;
    return !isDry || jobs.hasReload || superseder.isChecking;
  }

  /** The call comes from inside a callback. */
  get isInside(): boolean {
    return this.guard.isInside();
  }

  /** The callbacks in flight. */
  get inFlight(): readonly Step[] {
    return this.running?.runner.inFlight ?? [];
  }

  /** Whether a volume has failed, and not all participants have let go of it: nobody is to be let in. */
  isFailing(volumeName: string): boolean {
    return this.trouble.isFailing(volumeName);
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
    const report = await this.offer('up', request);
    void this.drain();
    return report;
  }

  /**
   * A reload, which waits for what runs and shares its run with others that wait;
   * one that is to supersede takes over from the reload that runs.
   */
  async signaled(request: ReloadRequest): Promise<TransitionReport> {
    this.refuseInside('a reload');
    if (this.isOver) return this.refusal(request.reason);
    const report = this.soon(
      this.jobs.addReload(request, {
        run: (covered) =>
          this.trouble.follow(covered, this.offer('signaled', covered)),
        refuse: ({ reason }) => this.refusal(reason),
      }),
    );
    this.superseder.consider(this.running);
    return report;
  }

  /**
   * Forgets what is recorded against a volume, a group or a participant: its
   * unknown callbacks are taken as not done. Brings that volume, or that group with
   * its volumes, and nothing else from what is really held to what the
   * configuration in force says; what a participant holds is left to the next
   * reload.
   */
  async reset(target: ResetTarget): Promise<TransitionReport> {
    this.refuseInside('reset');
    const reason = resetReason(target);
    if (this.isOver) return this.refusal(reason);
    return this.soon(
      this.jobs.add(target, {
        run: () =>
          this.run('signaled', reason, (transition) =>
            reset(transition, target),
          ),
        refuse: () => this.refusal(reason),
      }),
    );
  }

  /**
   * A volume broke while it was served. It is shut at once; then, in its turn, its
   * participants let go of it, in reverse order, and it is set aside, whatever
   * `onFailure` says, and tried again.
   *
   * It waits for what runs; where nobody serves the volume after that, nothing is
   * left to do (`unchanged`). Where the module goes down it is shut, and left to
   * the Down (`rejected`). What is unknown about it is waited for. Two fails of one
   * volume share one report.
   *
   * @throws ReentrantTransitionError inside a callback about that volume.
   * @throws TransitionStateError where nobody serves it.
   */
  fail(volumeName: string, error: unknown): Promise<TransitionReport> {
    return this.trouble.fail(volumeName, error);
  }

  /** What a reload would do now, every check included. It waits for its turn as a reload does. */
  async dryRun(request: ReloadRequest): Promise<DryRunReport> {
    this.refuseInside('a dry run');
    const refuse = (): DryRunReport =>
      rejectedDryRun(this.refusal(request.reason));
    if (this.isOver) return refuse();
    return this.soon(
      this.jobs.add(request, {
        run: () => this.runDry(request),
        refuse,
      }),
    );
  }

  /**
   * A Down is about to come: reloads and resets that wait, or are asked for from
   * now on, are rejected. What runs goes on.
   */
  retire(): void {
    this.retiring = true;
    this.trouble.stop();
    this.jobs.refuseAll();
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
   * What a configuration would do if it were applied now. Schemas are not asked.
   *
   * @throws ConfigurationError
   */
  plan(confMap: ConfMap): TransitionPlan {
    const { configuration: from } = this;
    const kind = from === undefined ? 'up' : 'signaled';
    const to = checkConfiguration(confMap, 0, from);
    return describePlan(kind, this.engine.state, to);
  }

  /** What really is, step by step, while a transition runs too. */
  snapshot(): TransitionsSnapshot {
    const { state, clock } = this.engine;
    return {
      lifecycle: this.lifecycle,
      busy: this.running !== undefined,
      running: this.running?.now(),
      ...snapshotOf(state, this.statesNow(), this.configuration, clock.now()),
      retries: this.trouble.pending,
      lastReport: this.lastReport,
      refused: this.refused,
    };
  }

  /** The states at this moment, worked out when they are asked for. */
  private statesNow(): () => readonly ParticipantState[] {
    const { states } = this.engine.state;
    return this.running?.runner.statesNow() ?? (() => states);
  }

  private soon<T>(job: Promise<T>): Promise<T> {
    void this.drain();
    return job;
  }

  /** Runs what waits, one after the other, while the module is up. */
  private async drain(): Promise<void> {
    await this.jobs.drain(() => this.lifecycle === 'up' && !this.retiring);
    if (this.isOver) this.jobs.refuseAll();
  }

  private async goDown(reason: string): Promise<TransitionReport> {
    const { clock, settings } = this.engine;
    const deadline = clock.now() + settings.shutdownTimeout;
    this.lifecycle = 'goingDown';
    this.trouble.stop();
    this.jobs.refuseAll();
    this.running?.stop(new PreemptedByDownError());
    await this.superseder.stop();
    await this.lastEnd;
    return this.run('down', reason, (transition) =>
      takeDown(transition, deadline),
    );
  }

  /** A boot or a reload, which brings a configuration into force or refuses it. */
  private async offer(
    kind: 'up' | 'signaled',
    request: ReloadRequest,
  ): Promise<TransitionReport> {
    return this.noted(
      this.run(kind, request.reason, (transition) =>
        bringIntoForce(transition, kind, request),
      ),
    );
  }

  /** Keeps what was refused, until something else comes into force. */
  private async noted(
    running: Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const report = await running;
    const { configuration, outcome } = report;
    if (configuration === 'new') this.refused = undefined;
    else if (outcome !== 'superseded') this.refused = this.lastReport;
    return report;
  }

  private makeSuperseder(): Superseder {
    return new Superseder({
      jobs: this.jobs,
      begin: (reason) => this.begin('signaled', reason),
      inside: (run) => this.guard.run(run),
      accepts: () => !this.isOver,
      refuse: (reason) => this.refusal(reason),
      takeOver: async (own, to, request) =>
        this.lifecycle === 'up'
          ? this.trouble.follow(
              request,
              this.noted(
                this.follow(own, (transition) =>
                  takeOver(transition, to, request),
                ),
              ),
            )
          : this.refusal(own.reason),
      proceed: () => void this.drain(),
    });
  }

  private makeTrouble(
    own: Pick<TroublePorts, 'random' | 'shut' | 'reopen'>,
  ): Trouble {
    const { guard } = this;
    return new Trouble(this.engine, {
      ...own,
      outside: (work) => guard.outside(work),
      isServed: (name) => isServedIn(this.statesNow()(), name),
      isInsideOf: (name) =>
        guard.isInside() && this.running?.runner.isCallingFor(name) === true,
      conductor: {
        inTurn: (run, refuse) =>
          this.isOver
            ? Promise.resolve(refuse())
            : this.soon(this.jobs.add(undefined, { run, refuse })),
        run: (reason, body) => this.run('signaled', reason, body),
        offer: (request) => this.offer('signaled', request),
        refusal: (what, reason) => this.refusal(reason, what),
      },
    });
  }

  private run(
    kind: TransitionReport['kind'],
    reason: string,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport> {
    return this.follow(this.begin(kind, reason), body);
  }

  private begin(kind: TransitionReport['kind'], reason: string): Transition {
    return new Transition(this.engine, ++this.lastId, kind, reason);
  }

  private follow(
    transition: Transition,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport> {
    const { kind } = transition;
    this.running = transition;
    const ended = transition.run(
      () => this.guard.run(() => body(transition)),
      () => this.conclude(kind),
      (summary) => {
        this.lastReport = summary;
      },
    );
    this.lastEnd = ended;
    // One that is to supersede it may wait already.
    this.superseder.consider(transition);
    return ended.then((report) => {
      this.lookForTrouble();
      return report;
    });
  }

  private lookForTrouble(): void {
    if (!this.isOver) this.trouble.look();
  }

  /** As {@link run}, but without events and without a report: nothing changes. */
  private async runDry(request: ReloadRequest): Promise<DryRunReport> {
    const { engine, guard } = this;
    const transition = this.begin('signaled', request.reason);
    transition.isDry = true;
    this.running = transition;
    // What settles late meanwhile waits: a plan that runs would not know of it.
    engine.state.beginTransition();
    const ended = guard.run(async () => {
      try {
        return await dryRun(transition, request);
      } finally {
        await doInSlices(engine.state.endingTransition(), engine.clock);
        this.running = undefined;
      }
    });
    this.lastEnd = ended;
    return ended;
  }

  private conclude(kind: TransitionReport['kind']): number {
    this.running = undefined;
    this.engine.inForce.end();
    this.trouble.reopen();
    if (kind === 'down') this.lifecycle = 'down';
    // A Down may have taken over from a boot meanwhile.
    else if (this.lifecycle === 'goingUp') {
      this.lifecycle = this.configuration === undefined ? 'failed' : 'up';
    }
    const volumes = this.configuration?.topology.volumes.size ?? 0;
    this.guard.outside(() => keepStandby(volumes));
    return this.engine.inForce.generation;
  }

  /** No reload will ever run again. */
  private get isOver(): boolean {
    return (
      this.retiring || ['goingDown', 'down', 'failed'].includes(this.lifecycle)
    );
  }

  private get state(): Lifecycle | 'retiring' {
    return this.retiring && this.lifecycle === 'up'
      ? 'retiring'
      : this.lifecycle;
  }

  private refusal(reason: string, what = 'a reload'): TransitionReport {
    const { clock } = this.engine;
    const draft = new ReportDraft(++this.lastId, 'signaled', reason, clock);
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module goes down, or is down, and only lets go';
    draft.addError(new TransitionStateError(what, this.state, why));
    return draft.end('rejected', 'old', this.engine.inForce.generation);
  }

  private refuseInside(what: string): void {
    if (this.guard.isInside()) throw new ReentrantTransitionError(what);
  }
}
