import type { ParticipantState } from './model/participant.js';
import { isServedIn } from './plan/holdings.js';
import type { TransitionReport } from './report/report.js';
import type { ReentrancyGuard } from './guard.js';
import type { ReportSummary } from './state/snapshot.js';
import { doInSlices } from './time/slices.js';
import type { Course } from './transition/course.js';
import { dryRun, type DryRunReport } from './transition/dry-run.js';
import type { Engine } from './transition/engine.js';
import type { ReloadRequest } from './transition/job-queue.js';
import { Transition } from './transition/transition.js';
import { LateSettlements } from './trouble/late-settlements.js';

/** Who is told how far a transition is. */
export interface TransitionListener {
  /** It has begun. */
  begun(transition: Transition): void;
  /** It has ended, and nobody has been told how. */
  ended(transition: Transition): void;
  /** Nothing runs now: one has ended, or all that settled late is taken over. */
  idle(): void;
}

/**
 * Runs one transition at a time: whoever begins one has made sure that nothing
 * runs. Callbacks that settle after their time are taken over before a transition
 * looks at what is held, and while none runs.
 */
export class TransitionRunner {
  /** What runs, dry runs included. */
  running: Transition | undefined;
  /** Of the last one that was no dry run. */
  lastReport: ReportSummary | undefined;
  /** Settles when what runs has ended. */
  lastEnd: Promise<unknown> | undefined;
  private readonly late: LateSettlements;
  private lastId = 0;

  constructor(
    private readonly engine: Engine,
    private readonly guard: ReentrancyGuard,
    private readonly listener: TransitionListener,
  ) {
    this.late = new LateSettlements(engine, {
      isBusy: () => this.running !== undefined,
      done: () => {
        if (this.running === undefined) listener.idle();
      },
    });
  }

  /** Of a transition, or of a report about none. They only grow. */
  nextId(): number {
    return ++this.lastId;
  }

  /** A transition that has not begun. */
  prepare(kind: TransitionReport['kind'], reason: string): Transition {
    return new Transition(this.engine, this.nextId(), kind, reason);
  }

  /** Begins a transition that was prepared. */
  begin(
    transition: Transition,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport> {
    this.running = transition;
    const ended = transition.run(
      async () => {
        if (this.late.isToDo) await this.late.finish();
        return this.guard.run(() => body(transition));
      },
      () => this.conclude(transition),
      (summary) => {
        this.lastReport = summary;
      },
    );
    this.lastEnd = ended;
    this.listener.begun(transition);
    return ended.then((report) => {
      this.listener.idle();
      return report;
    });
  }

  /** As {@link begin}, but without events and without a report: nothing changes. */
  async beginDry(request: ReloadRequest): Promise<DryRunReport> {
    const { engine, guard } = this;
    const transition = this.prepare('signaled', request.reason);
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
        this.listener.idle();
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

  /** Whether anybody serves a volume at this moment. */
  isServed(volumeName: string): boolean {
    const changes = this.running?.runner.changes(volumeName) === true;
    const states = changes ? this.statesNow()() : this.engine.state.states;
    return isServedIn(states, volumeName);
  }

  /** Whether this is asked inside a callback about a volume. */
  isInsideOf(volumeName: string): boolean {
    const runs = this.running?.runner;
    return this.guard.isInside() && runs?.isCallingFor(volumeName) === true;
  }

  /** A callback has settled after its time. */
  settledLate(): void {
    this.late.begin();
  }

  /** It is known what it has done to a volume: that may be released now. */
  known(volumeName: string): void {
    const { touched } = this.running?.runner ?? this.late;
    touched.add(volumeName);
  }

  private conclude(transition: Transition): number {
    this.running = undefined;
    this.listener.ended(transition);
    return this.engine.inForce.generation;
  }
}
