import type { CallbackName } from '../model/callbacks.js';
import { implementsCallback, type Participant } from '../model/participant.js';
import type { Target } from '../model/step.js';
import type { PlanBlock } from '../plan/plan.js';
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
  private readonly usual: BlockCall;
  /** Undefined where nothing can be lost. */
  private readonly loss: BlockCall | undefined;
  /** The steps that called that. */
  private readonly lostAt = new Set<number>();
  private readonly mustHold: boolean;

  constructor(
    participant: Participant,
    { callback }: PlanBlock,
    private readonly run: RunContext,
  ) {
    const hasLeases = run.leases !== undefined;
    this.usual = callOf(participant, callback, run);
    this.mustHold = hasLeases && callback === 'serveVolume';
    if (hasLeases && callback === 'unserveVolume')
      this.loss = lossOf(participant, run);
  }

  /** Whether a step for the target would serve what is lost. */
  isOutOfReach(target: Target): boolean {
    return this.mustHold && !this.isHeld(target);
  }

  /** What the step with this index is to call for its target. */
  next(index: number, target: Target): BlockCall {
    const { loss } = this;
    if (loss === undefined || this.isHeld(target)) return this.usual;
    this.lostAt.add(index);
    return loss;
  }

  /** Which callback a step has called, or is to call. */
  callbackAt(index: number): CallbackName {
    const call = this.lostAt.has(index) ? this.loss! : this.usual;
    return call.callback;
  }

  /** Looks at the clocks. */
  private isHeld(target: Target): boolean {
    return heldNow(this.run.leases, target) !== undefined;
  }
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
