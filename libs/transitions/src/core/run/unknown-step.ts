import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError } from '../model/errors.js';
import type { Target } from '../model/step.js';

/** How a callback settled after its time was up. */
export type Settlement =
  | { readonly kind: 'returned' }
  | { readonly kind: 'threw'; readonly thrown: unknown };

/**
 * A step whose callback ran out of time. What it did is unknown until it
 * settles.
 */
export interface UnknownStep {
  readonly participant: number;
  readonly callback: CallbackName;
  readonly target: Target;
  /** It is about a volume that was not ours any more when its time was up. */
  readonly isLost: boolean;
  readonly error: CallbackError;
  /** When it was called, by the clock. */
  readonly startedAt: number;
  /** Settles when the callback does, and never rejects. */
  readonly settled: Promise<Settlement>;
  /** How it settled, once it has. */
  settlement?: Settlement;
}
