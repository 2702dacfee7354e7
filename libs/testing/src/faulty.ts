import {
  callbackNames,
  RejectTransition,
  type CallbackName,
  type TransitionCallbacks,
} from 'nestjs-transitions/core';
import type { VirtualClock } from './virtual-clock.js';

/**
 * How a callback fails. `throw` and `reject`: at once. `refuse`: at once, with a
 * RejectTransition. `hang`: it never settles. `lateOk` and `lateFail`: it settles
 * after so long that its time is up. The callback itself runs only where it ends
 * well, and then at its end.
 */
export type Fault =
  'throw' | 'reject' | 'refuse' | 'hang' | 'lateOk' | 'lateFail';

/** Every kind of fault. */
export const faults: readonly Fault[] = [
  'throw',
  'reject',
  'refuse',
  'hang',
  'lateOk',
  'lateFail',
];

/** Which calls fail, by what is given of it; with nothing given, every call. */
export interface FaultyStep {
  readonly participant?: string;
  readonly callback?: CallbackName;
  /** The group or volume. */
  readonly target?: string;
}

/** What an injected fault throws. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

interface PlannedFault {
  readonly fault: Fault;
  readonly lateAfter: number;
}

interface NamedFault extends PlannedFault {
  readonly step: FaultyStep;
  left: number;
}

/**
 * Which callbacks fail, and how: the k-th call of all participants together, or
 * a named step. It counts the calls, so a first run without faults tells how
 * many there are to try.
 */
export class FaultPlan {
  private count = 0;
  private readonly byCall = new Map<number, PlannedFault>();
  private readonly named: NamedFault[] = [];
  private readonly actions = new Map<number, () => void>();

  constructor(
    private readonly clock: VirtualClock,
    /**
     * After how many milliseconds `lateOk` and `lateFail` settle. Default 90,000,
     * which is half a minute after the default `callbackTimeout`.
     */
    readonly lateAfter = 90_000,
  ) {}

  /** How many faults were injected. */
  injected = 0;

  /** How many calls there were. */
  get calls(): number {
    return this.count;
  }

  /** The k-th call from now on fails; the next one is the first. */
  atCall(k: number, fault: Fault, lateAfter = this.lateAfter): this {
    this.byCall.set(this.count + k, { fault, lateAfter });
    return this;
  }

  /** Something else happens inside the k-th call from now on, such as a Down. */
  duringCall(k: number, action: () => void): this {
    this.actions.set(this.count + k, action);
    return this;
  }

  /** A named step fails, so many times, by default every time. */
  at(
    step: FaultyStep,
    fault: Fault,
    times = Infinity,
    lateAfter = this.lateAfter,
  ): this {
    this.named.push({ step, fault, left: times, lateAfter });
    return this;
  }

  /** No further call fails. */
  clear(): void {
    this.byCall.clear();
    this.actions.clear();
    this.named.length = 0;
  }

  /** Runs a call, or lets it fail. @internal */
  run(step: FaultyStep, call: () => unknown): unknown {
    const planned = this.byCall.get(++this.count) ?? this.namedFault(step);
    this.actions.get(this.count)?.();
    if (planned === undefined) return call();
    this.injected++;
    const { fault, lateAfter } = planned;
    const message = `injected ${fault} at call ${this.count}: ${step.participant}.${step.callback}(${step.target ?? ''})`;
    const error = new InjectedFault(message);
    switch (fault) {
      case 'throw':
        throw error;
      case 'reject':
        return Promise.reject(error);
      case 'refuse':
        throw new RejectTransition(message);
      case 'hang':
        return new Promise(() => {});
      case 'lateOk':
        return this.after(lateAfter).then(call);
      case 'lateFail':
        return this.after(lateAfter).then(() => Promise.reject(error));
    }
  }

  private namedFault(step: FaultyStep): PlannedFault | undefined {
    const found = this.named.find(
      ({ step: wanted, left }) => left > 0 && matches(wanted, step),
    );
    if (found === undefined) return undefined;
    found.left--;
    return found;
  }

  private after(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.startTimer(resolve, milliseconds);
    });
  }
}

/** The same participant, with the faults of a plan. */
export function faulty(
  participant: string,
  callbacks: TransitionCallbacks,
  plan: FaultPlan,
): TransitionCallbacks {
  const wrapped: Partial<Record<CallbackName, unknown>> = {};
  for (const callback of callbackNames) {
    const original = callbacks[callback] as
      ((...given: unknown[]) => unknown) | undefined;
    if (original === undefined) continue;
    wrapped[callback] = (...given: unknown[]): unknown => {
      const target = given.length > 2 ? (given[1] as string) : undefined;
      const step = { participant, callback, ...(target && { target }) };
      return plan.run(step, () => original.apply(callbacks, given));
    };
  }
  return wrapped as TransitionCallbacks;
}

function matches(wanted: FaultyStep, step: FaultyStep): boolean {
  return (
    (wanted.participant ?? step.participant) === step.participant &&
    (wanted.callback ?? step.callback) === step.callback &&
    (wanted.target ?? step.target) === step.target
  );
}
