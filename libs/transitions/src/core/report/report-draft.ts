import type { Clock } from '../time/clock.js';
import type { StaleConfiguration } from '../configuration/stale.js';
import { messageOf } from '../model/error-text.js';
import { AbandonedError } from '../model/errors.js';
import { errorAsJson, withJson } from '../model/json.js';
import type { Journal } from '../run/journal.js';
import type { SlicedWork } from '../time/slices.js';
import type { PlanBlock } from '../plan/plan.js';
import {
  countingTargets,
  noCounts,
  StepList,
  type DeltaCounts,
  type TransitionDurations,
  type TransitionReport,
} from './report.js';
import type { TransitionOutcome } from './outcome.js';
import type { TransitionFailure } from './failure.js';
import type { VolumeWaitedFor } from './waiting.js';
import type { Step } from '../model/step.js';
import type { TopologyProblem } from '../model/topology.js';

/** A part of a transition, of which the report says how long it took. */
export type Part = Exclude<keyof TransitionDurations, 'total'>;

/** A report while its transition runs. */
export class ReportDraft {
  readonly errors: Error[] = [];
  readonly released: string[] = [];
  readonly failed: TransitionFailure[] = [];
  waiting: readonly VolumeWaitedFor[] = [];
  warnings: readonly TopologyProblem[] = [];
  stale: StaleConfiguration | undefined;
  /** The generation of the configuration that took over. */
  supersededBy: number | undefined;
  private readonly steps = new StepList();
  private readonly abandoned: Step[] = [];
  /** How many groups and volumes the plan concerns. */
  delta: DeltaCounts = noCounts;
  private readonly durations: Record<Part, number> = {
    load: 0,
    validate: 0,
    execute: 0,
    rollback: 0,
  };
  private readonly startedAt: number;
  /** The part that runs now; undefined between two of them. */
  part: Part | undefined;

  constructor(
    readonly id: number,
    readonly kind: TransitionReport['kind'],
    private readonly reason: string,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  /** Volumes that undoing does not serve again. */
  addReleased(volumeNames: Iterable<string>): void {
    for (const name of volumeNames) this.released.push(name);
  }

  /** Adds the time that something takes to a part of the transition. */
  async timed<T>(part: Part, run: () => Promise<T>): Promise<T> {
    const startedAt = this.clock.now();
    this.part = part;
    try {
      return await run();
    } finally {
      this.part = undefined;
      this.durations[part] += this.clock.now() - startedAt;
    }
  }

  /** Milliseconds since it began. */
  get elapsedMs(): number {
    return this.clock.now() - this.startedAt;
  }

  /** Notes how much a plan concerns, as work that can be sliced. */
  *planning(blocks: readonly PlanBlock[]): SlicedWork<DeltaCounts> {
    return (this.delta = yield* countingTargets(blocks));
  }

  /** Adds the calls and the errors of a plan that was run. */
  add(journal: Journal): void {
    this.addCalls(journal);
    for (const failure of journal.failures) this.errors.push(failure);
  }

  addCalls(journal: Journal): void {
    this.steps.add(journal);
  }

  /**
   * Adds the steps of a plan that were not done, if any. They are an error of
   * their own.
   */
  abandon(journal: Journal, why: string): void {
    this.abandonSteps(journal.untried, why);
  }

  /**
   * Adds steps that could not be done, if any. They are an error of their own.
   */
  abandonSteps(steps: readonly Step[], why: string): void {
    if (steps.length === 0) return;
    for (const step of steps) this.abandoned.push(step);
    this.errors.push(new AbandonedError(steps, why));
  }

  /**
   * Adds the steps of a plan that were not done, if the reason is in the report
   * already.
   */
  noteUntried(journal: Journal): void {
    for (const step of journal.untried) this.abandoned.push(step);
  }

  /** The cause of how it ends: the first of the errors, once. */
  addCause(cause: Error): void {
    const place = this.errors.indexOf(cause);
    if (place !== -1) this.errors.splice(place, 1);
    this.errors.unshift(cause);
  }

  addError(thrown: unknown): void {
    this.errors.push(
      thrown instanceof Error
        ? thrown
        : new Error(messageOf(thrown), { cause: thrown }),
    );
  }

  end(
    outcome: TransitionOutcome,
    configuration: TransitionReport['configuration'],
    generation: number,
  ): TransitionReport {
    const { id, kind, reason, delta, steps, errors, warnings, stale } = this;
    const { failed, released, waiting, abandoned, supersededBy } = this;
    const total = this.clock.now() - this.startedAt;
    const report: TransitionReport = {
      id,
      generation,
      kind,
      reason,
      outcome,
      configuration,
      delta,
      steps,
      durations: { ...this.durations, total },
      errors,
      warnings,
      stale,
      failed,
      released,
      waiting,
      abandoned,
      ...(supersededBy === undefined ? {} : { supersededBy }),
    };
    return withJson(report, () => ({ errors: errors.map(errorAsJson) }));
  }
}
