import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';
import { implementsCallback, type Participant } from '../model/participant.js';
import { stepOf, type Step, type Target } from '../model/step.js';
import type { PlanBlock } from '../plan/plan.js';
import { BlockRecord, isOfCall, type FailedStep } from './block-record.js';

/** A call that was made, and how it ended, as far as is known. */
export interface CallRecord extends Step {
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly error?: CallbackError;
}

/** What was done of a plan: the truth from which states are committed. */
export class Journal {
  readonly records: BlockRecord[];

  constructor(
    private readonly participants: readonly Participant[],
    blocks: readonly PlanBlock[],
  ) {
    const records = blocks.map(
      (block) =>
        new BlockRecord(
          block,
          implementsCallback(participants[block.participant]!, block.callback),
        ),
    );
    this.records = callsFirst(records);
  }

  /** Whether a step failed, or ran out of time. */
  get hasFailed(): boolean {
    for (const _failed of this.failedSteps()) return true;
    return false;
  }

  get complete(): boolean {
    return this.records.every(({ complete }) => complete);
  }

  get failures(): CallbackError[] {
    return Array.from(this.failedSteps(), ({ error }) => error);
  }

  /** The steps that failed or ran out of time. */
  *failedSteps(): Generator<FailedStep> {
    for (const record of this.records) yield* record.failedSteps();
  }

  /** The calls of the plan that were not made. */
  get untried(): Step[] {
    return this.records.flatMap((record) =>
      record.called && !record.complete
        ? Array.from(record.untriedTargets(), (target) =>
            this.stepAt(record.block, target),
          )
        : [],
    );
  }

  /** The calls that were made, in the order in which they began. */
  *calls(): Generator<CallRecord> {
    for (const record of this.records) {
      if (record.calls > 0) yield* this.callsOf(record);
    }
  }

  /** The targets for which any participant was called, however that ended. */
  calledFor(callback: CallbackName): ReadonlySet<string> {
    const names = new Set<string>();
    for (const record of this.records) {
      if (record.called && record.block.callback === callback) {
        record.addCalled(names);
      }
    }
    return names;
  }

  private *callsOf(record: BlockRecord): Generator<CallRecord> {
    const participant = this.participants[record.block.participant]!;
    for (let index = 0; index < record.started; index++) {
      if (!record.isCall(index)) continue;
      const exception = record.exceptionAt(index);
      if (!isOfCall(exception)) continue;
      const step = record.stepAt(index, participant);
      if (exception === undefined) yield { ...step, outcome: 'done' };
      else {
        const outcome = exception.kind === 'unknown' ? 'unknown' : 'failed';
        yield { ...step, outcome, error: exception.error };
      }
    }
  }

  private stepAt(block: PlanBlock, target: Target): Step {
    return stepOf(
      block.callback,
      this.participants[block.participant]!,
      target,
    );
  }
}

/**
 * Moves the blocks of participants that lack the callback to the end of each
 * phase about groups or volumes. So if a call fails, these participants do not
 * count as holding what no call has given to anybody.
 */
function callsFirst(records: readonly BlockRecord[]): BlockRecord[] {
  const phases: BlockRecord[][] = [];
  for (const record of records) {
    const phase = phases.at(-1);
    if (phase?.[0]?.block.callback === record.block.callback)
      phase.push(record);
    else phases.push([record]);
  }
  return phases.flatMap((phase) =>
    meaningOf(phase[0]!.block.callback).about === 'participant'
      ? phase
      : [
          ...phase.filter(({ called }) => called),
          ...phase.filter(({ called }) => !called),
        ],
  );
}
