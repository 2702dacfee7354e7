import type { RunControl } from './run-control.js';
import { bindCallback, type Invocation } from './invoke.js';
import type { BlockRecord } from './block-record.js';
import type { Participant } from '../model/participant.js';
import type { Target } from '../model/step.js';
import { StepContext } from './step-context.js';

/**
 * The steps of a participant that keeps pace. Each follows the step of the
 * block before for the same target, as soon as that has returned.
 */
export class Follower {
  readonly timeLeft = Infinity;
  /** Of the step that runs. */
  target: Target = null;
  private readonly invoke: Invocation;
  private readonly context: StepContext;

  constructor(
    private readonly control: RunControl,
    readonly record: BlockRecord,
    readonly participant: Participant,
  ) {
    const { context } = control.options;
    this.invoke = bindCallback(participant, record.block.callback, context);
    this.context = new StepContext(context, this);
  }

  /** The block before is through with the target of this index. */
  follow(index: number, returned: boolean): void {
    const { record, control, participant } = this;
    const { callback, targets } = record.block;
    const target = targets[index]!;
    record.started = Math.max(record.started, index + 1);
    if (!returned || control.isHalted || this.isBlocked(index)) {
      control.passOver(record, index, { kind: 'skipped' });
      return;
    }
    const { observer } = control.options;
    observer?.stepStarted(callback, participant, target);
    this.target = target;
    this.invoke(target, this.context);
    observer?.stepEnded(callback, participant, target, undefined);
  }

  private isBlocked(index: number): boolean {
    const { blocked } = this.control.options;
    if (blocked.isEmpty) return false;
    const { participant, callback, targets } = this.record.block;
    return blocked.has(participant, callback, targets[index]!);
  }
}

/**
 * The blocks that are followed by another at its pace, each with its follower.
 */
export function blocksInStep(
  records: readonly BlockRecord[],
  participants: readonly Participant[],
): ReadonlyMap<BlockRecord, BlockRecord> {
  const inStep = new Map<BlockRecord, BlockRecord>();
  let before: BlockRecord | undefined;
  for (const record of records) {
    const { callback, participant, targets } = record.block;
    if (callback !== 'serveVolume') before = undefined;
    else if (record.called) {
      const keepsPace = participants[participant]!.keepsPace === true;
      // Unless something failed before, both have the same targets. Otherwise the
      // follower waits for its own turn.
      if (keepsPace && before && sameNames(before.block.targets, targets)) {
        inStep.set(before, record);
      }
      before = record;
    }
  }
  return inStep;
}

function sameNames(a: readonly Target[], b: readonly Target[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((target, index) => target?.name === b[index]?.name)
  );
}
