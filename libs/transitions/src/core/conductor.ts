import type { Configuration } from './configuration/configuration.js';
import type { SectionSchemas } from './configuration/section-schemas.js';
import type { Clock } from './time/clock.js';
import { doInSlices } from './time/slices.js';
import type { Engine } from './transition/engine.js';
import {
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
import type { Lifecycle, ReportSummary } from './state/snapshot.js';
import { isServedIn } from './plan/holdings.js';
import { settledLate } from './report/settled-late.js';
import type { Course } from './transition/course.js';
import { bringIntoForce, takeOver } from './transition/bring-into-force.js';
import { dryRun, type DryRunReport } from './transition/dry-run.js';
import { takeDown } from './transition/take-down.js';
import { Superseder } from './transition/superseder.js';
import { Transition } from './transition/transition.js';
import { LateSettlements } from './trouble/late-settlements.js';
import { LeasedVolumes } from './trouble/leased-volumes.js';
import { Trouble, type TroublePorts } from './trouble/trouble.js';
import {
  Serving,
  type MakeLeases,
  type ServingListener,
} from './leases/serving.js';

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
  /** Default: without leases, what the configuration says may be served. */
  readonly leases?: MakeLeases | undefined;
}

/**
 * Runs transitions one at a time, and knows what runs, what waits and how the last
 * one ended. What may be asked of it, and when, the Coordinator says.
 */
export class Conductor {
  lifecycle: Lifecycle = 'idle';
  /** A Down is about to come: what runs goes on, and nothing else does. */
  retiring = false;
  running: Transition | undefined;
  lastReport: ReportSummary | undefined;
  /** Of the last boot or reload, where it was refused. */
  refused: ReportSummary | undefined;
  /** Settles when what runs has ended. */
  lastEnd: Promise<unknown> | undefined;
  readonly jobs: JobQueue;
  readonly engine: Engine;
  readonly guard: ReentrancyGuard;
  readonly superseder: Superseder;
  readonly trouble: Trouble;
  readonly leased: LeasedVolumes;
  private readonly late: LateSettlements;
  private lastId = 0;

  constructor(
    participants: readonly Participant[],
    {
      settings,
      clock,
      sink,
      guard,
      random,
      schemas,
      leases,
      shut = () => {},
      reopen = () => {},
    }: CoordinatorPorts,
  ) {
    const state = new RealState(participants, {
      waiting: () => this.late.begin(),
      takenOver: (step, settlement) => {
        sink.emit(settledLate(step, settlement, participants));
        if (step.target === null) return;
        const { touched } = this.running?.runner ?? this.late;
        touched.add(step.target.name);
      },
    });
    const inForce = new InForce(state);
    const serving =
      leases && new Serving(leases, this.leaseListener(sink), clock);
    if (serving !== undefined) state.absent = serving.absent;
    this.engine = { settings, clock, sink, state, inForce, schemas, serving };
    this.guard = guard;
    this.jobs = new JobQueue(clock);
    this.late = new LateSettlements(this.engine, {
      isBusy: () => this.running !== undefined,
      done: () => {
        if (this.running === undefined) this.lookForTrouble();
      },
    });
    this.leased = this.makeLeased(shut);
    this.superseder = this.makeSuperseder();
    this.trouble = this.makeTrouble({ random, shut, reopen });
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.engine.inForce.configuration;
  }

  soon<T>(job: Promise<T>): Promise<T> {
    void this.drain();
    return job;
  }

  /** Runs what waits, one after the other, while the module is up. */
  async drain(): Promise<void> {
    await this.jobs.drain(() => this.lifecycle === 'up');
    if (this.isOver) this.refuseWaiting();
  }

  /** Nothing runs any more but a Down; until that comes, losses do. */
  refuseWaiting(): void {
    this.jobs.refuse(this.lifecycle === 'up' ? 'not urgent' : 'all');
  }

  /** A Down, by a moment on the clock, once nothing runs any more. */
  async goDown(reason: string, deadline: number): Promise<TransitionReport> {
    await this.leased.letGoBefore(deadline);
    return this.run('down', reason, (transition) =>
      takeDown(transition, deadline),
    );
  }

  /** A boot or a reload, which brings a configuration into force or refuses it. */
  async offer(
    kind: 'up' | 'signaled',
    request: ReloadRequest,
  ): Promise<TransitionReport> {
    return this.leased.rerun(
      () =>
        this.noted(
          this.run(kind, request.reason, (transition) =>
            bringIntoForce(transition, kind, request),
          ),
        ),
      () => this.offerAgain(request),
    );
  }

  run(
    kind: TransitionReport['kind'],
    reason: string,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport> {
    return this.follow(this.begin(kind, reason), body);
  }

  /** As {@link run}, but without events and without a report: nothing changes. */
  async runDry(request: ReloadRequest): Promise<DryRunReport> {
    const { engine, guard } = this;
    const transition = this.begin('signaled', request.reason);
    transition.isDry = true;
    this.running = transition;
    // What settles late meanwhile waits: a plan that runs would not know of it.
    engine.state.beginTransition();
    const ended = guard.run(async () => {
      if (this.late.isToDo) await this.late.finish();
      try {
        return await dryRun(transition, request);
      } finally {
        await doInSlices(engine.state.settling(), engine.clock);
        await transition.releaseUnserved();
        this.running = undefined;
        engine.state.endTransition();
        // Something unknown may have settled meanwhile.
        this.lookForTrouble();
      }
    });
    this.lastEnd = ended;
    return ended;
  }

  /** The states at this moment, worked out when they are asked for. */
  statesNow(): () => readonly ParticipantState[] {
    const { states } = this.engine.state;
    return this.running?.runner.statesNow() ?? (() => states);
  }

  /** No reload will ever run again. */
  get isOver(): boolean {
    return (
      this.retiring || ['goingDown', 'down', 'failed'].includes(this.lifecycle)
    );
  }

  refusal(reason: string, what = 'a reload'): TransitionReport {
    const { clock } = this.engine;
    const draft = new ReportDraft(++this.lastId, 'signaled', reason, clock);
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module goes down, or is down, and only lets go';
    draft.addError(new TransitionStateError(what, this.state, why));
    return draft.end('rejected', 'old', this.engine.inForce.generation);
  }

  refuseInside(what: string): void {
    if (this.guard.isInside()) throw new ReentrantTransitionError(what);
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

  /** After a loss: a Down may have come meanwhile. */
  private async offerAgain(request: ReloadRequest): Promise<TransitionReport> {
    if (!this.isOver) return this.offer('signaled', request);
    this.engine.inForce.end();
    return this.refusal(request.reason);
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
      async () => {
        if (this.late.isToDo) await this.late.finish();
        return this.guard.run(() => body(transition));
      },
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

  private conclude(kind: TransitionReport['kind']): number {
    this.running = undefined;
    if (!this.leased.isToGoOn) this.engine.inForce.end();
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

  private get state(): Lifecycle | 'retiring' {
    return this.retiring && this.lifecycle === 'up'
      ? 'retiring'
      : this.lifecycle;
  }

  private lookForTrouble(): void {
    if (!this.isOver) this.trouble.look();
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
              this.leased.rerun(
                () =>
                  this.noted(
                    this.follow(own, (transition) =>
                      takeOver(transition, to, request),
                    ),
                  ),
                () => this.offerAgain(request),
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
      isServed: (name) =>
        isServedIn(
          this.running?.runner.changes(name) === true
            ? this.statesNow()()
            : this.engine.state.states,
          name,
        ),
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

  private leaseListener(sink: EventSink): ServingListener {
    return {
      lost: (names, reason) =>
        this.guard.outside(() => this.leased.lose(names, reason)),
      free: (names) => this.guard.outside(() => this.leased.gain(names)),
      session: (session) => sink.emit({ type: 'leaseSession', session }),
    };
  }

  private makeLeased(shut: (volumeName: string) => void): LeasedVolumes {
    return new LeasedVolumes(this.engine, {
      shut,
      inTurn: (run, isUrgent) => {
        if (this.isOver && !isUrgent) return;
        const refuse = (): undefined => undefined;
        const runs = { run, refuse };
        void this.soon(this.jobs.add(undefined, runs, { isUrgent }));
      },
      run: (kind, reason, body) => this.run(kind, reason, body),
      running: () => this.running,
      isOver: () => this.isOver,
    });
  }
}
