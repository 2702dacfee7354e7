import type { ConfMap } from '@nestjs-transitions/conf';
import type { TransitionContext, TransitionKind } from '../model/callbacks.js';

/** What all callbacks of one run of a plan are told. */
export interface RunContext {
  readonly kind: TransitionKind;
  readonly id: number;
  readonly generation: number;
  readonly confMap: ConfMap;
  readonly previous: ConfMap | undefined;
}

/**
 * The context of one step. Its signal is made when a callback first asks for
 * it: most never do, and a controller for each of a million steps is expensive.
 */
export class StepContext implements TransitionContext {
  private controller: AbortController | undefined;

  constructor(
    private readonly run: RunContext,
    private readonly step: { readonly timeLeft: number },
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

  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  /**
   * Whether nobody has asked for the signal, so that the next step may use this
   * context.
   */
  get untouched(): boolean {
    return this.controller === undefined;
  }

  abort(reason: Error): void {
    (this.controller ??= new AbortController()).abort(reason);
  }
}
