import { InternalError, SupersededError } from '../model/errors.js';
import { ReportDraft } from '../report/report-draft.js';
import type { ComparedBases } from '../plan/compare-bases.js';
import type { TransitionReport } from '../report/report.js';
import { errorAsJson, withJson } from '../model/json.js';
import { noHoldings } from '../model/topology.js';
import { waitedFor } from '../report/waiting.js';
import type { ReportSummary, RunningTransition } from '../state/snapshot.js';
import type { Course } from './course.js';
import { releasingUnserved } from './claims.js';
import { decidingOutcome } from './decide-outcome.js';
import type { Engine } from './engine.js';
import { doInSlices } from '../time/slices.js';
import { PlanRunner } from './plan-runner.js';

/**
 * One transition while it runs, from its first event to its report. Everything
 * that takes part in it works with this one object: it reads and commits through
 * `runner`, reports into `draft`, and ends early when `signal` aborts.
 */
export class Transition {
  readonly runner: PlanRunner;
  readonly draft: ReportDraft;
  /** The topologies that its plans have compared: the way back need not compare them again. */
  readonly compared: ComparedBases = new Map();
  /** It is a reload, and has not begun to undo anything: a newer one may take over. */
  mayBeSuperseded = false;
  /** Nothing comes of it but a report. */
  isDry = false;
  private readonly controller = new AbortController();

  constructor(
    readonly engine: Engine,
    readonly id: number,
    readonly kind: TransitionReport['kind'],
    readonly reason: string,
  ) {
    this.runner = new PlanRunner(engine, this.signal);
    this.draft = new ReportDraft(id, kind, reason, engine.clock);
  }

  /** Aborts, with the cause, when no further step may begin. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why no further step may begin; undefined where nothing stopped it. */
  get stoppedBy(): Error | undefined {
    return this.signal.aborted ? (this.signal.reason as Error) : undefined;
  }

  /** What it is at, at this moment. */
  now(): RunningTransition {
    const { id, kind, reason, draft, runner } = this;
    const { part, elapsedMs } = draft;
    const none = { phase: undefined, participant: undefined, inFlight: [] };
    return { id, kind, reason, elapsedMs, part, ...none, ...runner.now() };
  }

  /** The newer configuration that took over; undefined where none did. */
  get supersededBy(): SupersededError | undefined {
    const { stoppedBy } = this;
    return stoppedBy instanceof SupersededError ? stoppedBy : undefined;
  }

  /** No further step begins; those in flight are given time to settle. */
  stop(cause: Error): void {
    this.mayBeSuperseded = false;
    this.controller.abort(cause);
  }

  /**
   * Runs it. Never rejects. `conclude` runs before anybody is told how it ended
   * and says which generation is in force then; `keep` gets the report, without
   * its steps, before anybody else.
   */
  async run(
    body: (transition: Transition) => Promise<Course>,
    conclude: () => number,
    keep: (summary: ReportSummary) => void,
  ): Promise<TransitionReport> {
    const { id, kind, reason, draft } = this;
    const { sink, state, clock } = this.engine;
    state.beginTransition();
    sink.emit({ type: 'transitionStarted', id, kind, reason });
    const course = await this.guarded(body);
    this.mayBeSuperseded = false;
    const { pause } = this.runner;
    if (pause.isOn) await pause.over();
    const goesOn = course.kind === 'superseded' || course.kind === 'between';
    await doInSlices(goesOn ? state.handingOver() : state.settling(), clock);
    await this.releaseUnserved();
    const { outcome, configuration } = await doInSlices(
      decidingOutcome(course, state, draft),
      clock,
    );
    draft.stale = this.engine.inForce.configuration?.stale;
    const report = draft.end(outcome, configuration, conclude());
    const { steps: _steps, ...summary } = report;
    keep(
      withJson(summary, () => ({ errors: summary.errors.map(errorAsJson) })),
    );
    // First, since whoever hears of it may have the next one begin.
    if (!goesOn) state.endTransition();
    sink.emit({ type: 'transitionEnded', report });
    return report;
  }

  /** With leases: releases what is not served after all, or not any more. */
  async releaseUnserved(): Promise<void> {
    const { engine, runner } = this;
    const { serving, state, inForce, clock } = engine;
    if (serving === undefined) return;
    const { states, unknown } = state;
    await doInSlices(
      releasingUnserved(serving, runner.touched, { states, unknown }),
      clock,
    );
    serving.waitFor(inForce.configuration?.topology ?? noHoldings);
    this.draft.waiting = waitedFor(serving.waiting);
  }

  private async guarded(
    body: (transition: Transition) => Promise<Course>,
  ): Promise<Course> {
    try {
      return await body(this);
    } catch (cause) {
      const message =
        'A bug in nestjs-transitions stopped the transition; please report it';
      this.draft.addError(new InternalError(message, { cause }));
      return { kind: 'broken' };
    }
  }
}
