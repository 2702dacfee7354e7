import {
  changeSets,
  meaningOf,
  type ChangeSet,
} from '../model/callback-table.js';
import type { StaleConfiguration } from '../configuration/stale.js';
import type { CallRecord, Journal } from '../run/journal.js';
import { isVolume, type Step } from '../model/step.js';
import type { TopologyProblem } from '../model/topology.js';
import type { TransitionFailure } from './failure.js';
import type { TransitionOutcome } from './outcome.js';
import type { VolumeWaitedFor } from './waiting.js';
import type { SlicedWork } from '../time/slices.js';
import type { PlanBlock } from '../plan/plan.js';
import type { Target } from '../model/step.js';

/** How many groups and volumes a configuration concerns. */
export type DeltaCounts = Readonly<Record<ChangeSet, number>>;

/** Milliseconds spent in each part of a transition. */
export interface TransitionDurations {
  /** Loading, upgrading and checking the configuration. */
  readonly load: number;
  readonly validate: number;
  readonly execute: number;
  /** Rolling back, or putting back what is set aside. */
  readonly rollback: number;
  readonly total: number;
}

/** What was done in a transition and how it ended. */
export interface TransitionReport {
  readonly id: number;
  /** That of the configuration in force afterwards; 0 if there is none. */
  readonly generation: number;
  readonly kind: 'up' | 'signaled' | 'down' | 'lost';
  /** What asked for it: a signal, a file or a call. */
  readonly reason: string;
  readonly outcome: TransitionOutcome;
  /** Which configuration is in force afterwards. */
  readonly configuration: 'new' | 'old';
  readonly delta: DeltaCounts;
  /** The calls that were made, in the order in which they began. */
  readonly steps: StepList;
  /** In milliseconds. */
  readonly durations: TransitionDurations;
  /** The first is the cause. The others came later, some maybe from undoing. */
  readonly errors: readonly Error[];
  /** What is doubtful in the configuration. */
  readonly warnings: readonly TopologyProblem[];
  /**
   * Where the configuration in force afterwards is not that of its source, but
   * the last good one: why. Undefined once the source has had a good one.
   */
  readonly stale: StaleConfiguration | undefined;
  /** All that `onFailure: 'isolate'` has set aside by now: groups, then volumes. */
  readonly failed: readonly TransitionFailure[];
  /**
   * Volumes that a rollback did not serve again, because their new primary may
   * serve them by now.
   */
  readonly released: readonly string[];
  /**
   * Volumes that the configuration gives to this peer and that another one still
   * holds, where leases are on. They are served as soon as they are free.
   */
  readonly waiting: readonly VolumeWaitedFor[];
  /** Calls that were planned and not made. */
  readonly abandoned: readonly Step[];
  /**
   * The generation of the configuration that took over; undefined unless the
   * outcome is `superseded`.
   */
  readonly supersededBy?: number;
}

/**
 * The calls of a transition. They are computed from the plan during iteration,
 * so a million steps that nobody looks at take no memory.
 */
export class StepList implements Iterable<CallRecord> {
  private readonly journals: Journal[] = [];

  /** @internal */
  add(journal: Journal): void {
    this.journals.push(journal);
  }

  *[Symbol.iterator](): Iterator<CallRecord> {
    for (const journal of this.journals) yield* journal.calls();
  }

  /** The number of calls; counting takes as long as iterating. */
  get length(): number {
    let length = 0;
    for (const call of this) if (call !== undefined) length++;
    return length;
  }

  /** For JSON.stringify. */
  toJSON(): readonly CallRecord[] {
    return [...this];
  }
}

/** The counts of nothing. */
export const noCounts: DeltaCounts = Object.fromEntries(
  changeSets.map((set) => [set, 0]),
) as Record<ChangeSet, number>;

/**
 * How many groups and volumes a plan concerns. Each counts once, for however
 * many participants. As work that can be sliced.
 */
export function* countingTargets(
  blocks: readonly PlanBlock[],
): SlicedWork<DeltaCounts> {
  const counts: Record<ChangeSet, number> = { ...noCounts };
  const seen = new Map<ChangeSet, readonly Target[]>();
  for (const { callback, targets } of blocks) {
    const key = meaningOf(callback).targets;
    if (key === undefined) continue;
    // As a rule all participants share one list of targets.
    const before = seen.get(key);
    if (before === targets) continue;
    const all =
      before === undefined ? targets : yield* uniting(before, targets);
    seen.set(key, all);
    counts[key] = all.length;
  }
  return counts;
}

function* uniting(
  a: readonly Target[],
  b: readonly Target[],
): SlicedWork<readonly Target[]> {
  const byName = new Map<string, Target>();
  let seen = 0;
  for (const targets of [a, b]) {
    for (const target of targets) {
      if (++seen % 256 === 0) yield;
      if (target === null) continue;
      byName.set(`${isVolume(target)} ${target.name}`, target);
    }
  }
  return [...byName.values()];
}
