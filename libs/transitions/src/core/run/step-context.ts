import type { ConfMap } from '@nestjs-transitions/conf';
import type { TransitionContext, TransitionKind } from '../model/callbacks.js';
import type { Predecessor } from '../model/predecessor.js';
import type { Target } from '../model/step.js';
import { heldNow, type HeldVolumes } from './held-volumes.js';

/** What all callbacks of one run of a plan are told. */
export interface RunContext {
  readonly kind: TransitionKind;
  readonly id: number;
  readonly generation: number;
  readonly confMap: ConfMap;
  readonly previous: ConfMap | undefined;
  /** Undefined where no leases are on. */
  readonly leases?: HeldVolumes | undefined;
}

/** The step that a context belongs to at this moment. */
export interface StepOfContext {
  readonly timeLeft: number;
  readonly target: Target;
}

/**
 * The context of one step. Its signal is made when a callback first asks for
 * it: most never do, and a controller for each of a million steps is expensive.
 */
export class StepContext implements TransitionContext {
  private controller: AbortController | undefined;

  constructor(
    private readonly run: RunContext,
    private readonly step: StepOfContext,
  ) {}

  get kind(): TransitionKind {
    return this.run.kind;
  }

  get id(): number {
    return this.run.id;
  }

  get generation(): number {
    return this.run.generation;
  }

  get previous(): ConfMap | undefined {
    return this.run.previous;
  }

  get timeLeft(): number {
    return this.step.timeLeft;
  }

  get fencingToken(): bigint | undefined {
    return heldNow(this.run.leases, this.step.target)?.token;
  }

  get predecessor(): Predecessor | undefined {
    return heldNow(this.run.leases, this.step.target)?.predecessor;
  }

  assertHeld(): void {
    const { leases } = this.run;
    const { target } = this.step;
    if (target !== null) leases?.assertHeld(target.name);
  }

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  /**
   * Whether nobody has asked for the signal, so that the next step of a run may use
   * this context.
   */
  isUntouchedIn(run: RunContext): boolean {
    return this.controller === undefined && this.run === run;
  }

  abort(reason: Error): void {
    (this.controller ??= new AbortController()).abort(reason);
  }
}
