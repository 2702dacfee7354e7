import type { CallbackName } from '../model/callbacks.js';
import { implementsCallback, type Participant } from '../model/participant.js';
import type { Target } from '../model/step.js';
import type { BlockRecord } from './block-record.js';
import { heldNow } from './held-volumes.js';
import { bindCallback, type Invocation } from './invoke.js';
import type { RunContext } from './step-context.js';

/** What is called for a step. */
export interface BlockCall {
  readonly callback: CallbackName;
  readonly invoke: Invocation;
  /** What it is told. */
  readonly run: RunContext;
}

/**
 * What the steps of a block call: its callback, unless leases say otherwise at that
 * very moment. What is not ours is not served; and whoever is to unserve it is told
 * that it is lost.
 */
export class BlockCalls {
  /** Undefined where the participant lacks the callback. */
  private readonly usual: BlockCall | undefined;
  /** Undefined where nothing can be lost. */
  private readonly loss: BlockCall | undefined;
  private readonly mustHold: boolean;
  /** The clocks are to be looked at before the next step. */
  private isToLook = true;

  constructor(
    participant: Participant,
    private readonly record: BlockRecord,
    private readonly run: RunContext,
  ) {
    const { callback } = record.block;
    const hasLeases = run.leases !== undefined;
    if (record.called) this.usual = callOf(participant, callback, run);
    this.mustHold = hasLeases && callback === 'serveVolume';
    if (mayTellLoss(participant, record, run))
      this.loss = lossOf(participant, run);
  }

  /** Whether a step for the target would serve what is lost. */
  isOutOfReach(target: Target): boolean {
    return this.mustHold && !this.isHeld(target);
  }

  /** Whether a step for the target is to take away what is lost. */
  isLost(target: Target): boolean {
    if (target === null) return false;
    if (this.record.block.callback === 'volumeLost') return true;
    return this.loss !== undefined && !this.run.leases!.isClaimed(target.name);
  }

  /** What the step with this index is to call for its target, if anything. */
  next(index: number, target: Target): BlockCall | undefined {
    const { loss } = this;
    if (loss === undefined || this.isOurs(target)) return this.usual;
    this.record.callInstead(index, loss.callback);
    return loss;
  }

  /** Time may have passed: whoever is to be unserved next may be lost, and nobody know. */
  lookAgain(): void {
    this.isToLook = true;
  }

  /** As of the last look, which is no more than a few quick steps ago. */
  private isOurs(target: Target): boolean {
    if (this.isToLook) {
      this.isToLook = false;
      return this.isHeld(target);
    }
    return !this.isLost(target);
  }

  /** Looks at the clocks. */
  private isHeld(target: Target): boolean {
    return heldNow(this.run.leases, target) !== undefined;
  }
}

/** Whether steps of a block call something else for what is lost. */
export function mayTellLoss(
  participant: Participant,
  { block, called }: BlockRecord,
  { leases }: RunContext,
): boolean {
  return (
    leases !== undefined &&
    block.callback === 'unserveVolume' &&
    (called || implementsCallback(participant, 'volumeLost'))
  );
}

/** The same for what is lost at this moment. */
export function isToTellLoss(
  participant: Participant,
  record: BlockRecord,
  run: RunContext,
  target: Target,
): boolean {
  return (
    mayTellLoss(participant, record, run) &&
    heldNow(run.leases, target) === undefined
  );
}

function callOf(
  participant: Participant,
  callback: CallbackName,
  run: RunContext,
): BlockCall {
  return { callback, invoke: bindCallback(participant, callback, run), run };
}

/** Who has no volumeLost learns it from the kind. */
function lossOf(participant: Participant, run: RunContext): BlockCall {
  const callback = implementsCallback(participant, 'volumeLost')
    ? 'volumeLost'
    : 'unserveVolume';
  return callOf(participant, callback, { ...run, kind: 'lost' });
}
