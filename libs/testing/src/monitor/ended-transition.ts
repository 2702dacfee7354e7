import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  CallRecord,
  TransitionReport,
  TransitionSettings,
} from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';
import type { Absence } from './absence.js';
import type { ParticipantModel } from './participant-model.js';
import type { ResetScope } from './reset-scope.js';
import type { SmallTransition } from './trouble-model.js';
import type { LeftOver } from './supersession.js';

/** What a monitor knows of how transitions are run; laws about the rest are waived. */
export type KnownSettings = Partial<
  Pick<TransitionSettings, 'onFailure' | 'retry'>
>;

/** A participant was asked for a newer configuration while a transition ran. */
export interface AskedBeside {
  readonly asked: Call;
  /** The calls of the transition that had not settled. */
  readonly open: readonly Call[];
}

/** A transition that has ended, as the monitor saw it. */
export interface EndedTransition {
  readonly report: TransitionReport;
  readonly settings: KnownSettings;
  /** The one that was in force before it. */
  readonly lastGeneration: number;
  /** The steps of the report. */
  readonly steps: readonly CallRecord[];
  /** Its calls, in the order in which they began. */
  readonly calls: readonly Call[];
  /** How many callbacks had settled after their time, and were taken over, when a call began. */
  readonly settledLateBefore: (call: Call) => number;
  /** The calls that had not settled when it began, and those that have not by now. */
  readonly unknownBefore: readonly Call[];
  readonly unknown: readonly Call[];
  /** What it resets; undefined where it is no reset. */
  readonly reset: ResetScope | undefined;
  /** What leases keep this peer from. */
  readonly absence: Absence;
  /** Undefined where it was asked for. */
  readonly small: SmallTransition | undefined;
  /** The volumes that had failed while they were served, and were still served, when it began. */
  readonly failingBefore: ReadonlySet<string>;
  /** Those now. */
  readonly failing: ReadonlySet<string>;
  /** What the reloads that it supersedes have left to it; undefined where there are none. */
  readonly leftOver: LeftOver | undefined;
  /** Who was asked for a newer configuration while it ran, and which of its calls had not settled then. */
  readonly askedBeside: readonly AskedBeside[];
  /** The participants in ascending order, before it and after it. */
  readonly before: readonly ParticipantModel[];
  readonly after: readonly ParticipantModel[];
  /** The gate among them, and the volumes for which it is open. */
  readonly gate:
    | { readonly participant: string; readonly open: ReadonlySet<string> }
    | undefined;
  /** The configuration in force after it. */
  readonly inForce: ConfMap | undefined;
  /** The one that was in force before that. */
  readonly inForceBefore: ConfMap | undefined;
}

/** Whether everything was done that was asked for. */
export function isClean({
  outcome,
}: Pick<TransitionReport, 'outcome'>): boolean {
  return outcome === 'applied' || outcome === 'unchanged';
}
