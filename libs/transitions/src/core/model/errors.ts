import { count, listed, messageOf } from './error-text.js';
import { errorAsJson } from './json.js';
import { describeStep, resetOf, type Step } from './step.js';
import type { TopologyProblem } from './topology.js';

/**
 * What all errors of this library have in common: a code per cause, and data.
 */
export abstract class TransitionsError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }

  /** For JSON.stringify, which knows of no message and no cause. */
  toJSON(): unknown {
    return errorAsJson(this);
  }
}

/** A bug of this library. Please report it. */
export class InternalError extends TransitionsError {
  readonly code = 'TRANSITIONS_INTERNAL';
}

/** A configuration whose meaning is wrong; it lists all problems. */
export class ConfigurationError extends TransitionsError {
  readonly code = 'TRANSITIONS_CONFIGURATION';

  constructor(readonly problems: readonly TopologyProblem[]) {
    super(
      `The configuration has ${count(problems.length, 'problem')}:\n${problems
        .map((problem) => `  ${placeOf(problem)}${problem.message}`)
        .join('\n')}`,
    );
    printBriefly(this, 'problems');
  }
}

/** A configuration could not be loaded from its source. */
export class ConfigurationLoadError extends TransitionsError {
  readonly code: string = 'TRANSITIONS_CONFIGURATION_LOAD';

  constructor(cause: unknown, message: string = messageOf(cause)) {
    super(message, { cause });
    printBriefly(this);
  }
}

/**
 * The source of a configuration did not answer in time. A later answer is
 * ignored.
 */
export class ConfigurationLoadTimeoutError extends ConfigurationLoadError {
  override readonly code = 'TRANSITIONS_CONFIGURATION_LOAD_TIMEOUT';

  constructor(
    /** What messages call the source, if that is known. */
    readonly source: string | undefined,
    readonly elapsedMs: number,
  ) {
    super(
      undefined,
      `The configuration could not be loaded: ${source ?? 'its source'} did not settle in load() within ${Math.round(elapsedMs)} ms (callbackTimeout); let it give up when its signal aborts, or reload once it answers`,
    );
  }
}

/** A reload that would unserve more volumes than `maxUnserve` allows. */
export class TooManyUnservedError extends TransitionsError {
  readonly code = 'TRANSITIONS_TOO_MANY_UNSERVED';

  constructor(
    readonly wouldUnserve: number,
    readonly served: number,
    readonly allowed: number,
  ) {
    super(
      `The configuration would unserve ${wouldUnserve} of the ${served} volumes served here, more than maxUnserve allows (${allowed}); force the reload if that is meant`,
    );
  }
}

/** The options of a section, as a schema made them, are not to be had. */
export class SectionOptionsError extends TransitionsError {
  readonly code = 'TRANSITIONS_SECTION_OPTIONS';

  constructor(
    readonly section: string,
    why: string,
  ) {
    super(`There are no options of [${section}]: ${why}`);
  }
}

/** A participant's `validate` refused a configuration. */
export class VetoError extends TransitionsError {
  readonly code = 'TRANSITIONS_VETO';

  constructor(
    readonly participant: string,
    cause: unknown,
  ) {
    super(
      `Participant ${participant} vetoes the configuration: ${messageOf(cause)}`,
      { cause },
    );
    printBriefly(this);
  }
}

/** A callback threw, rejected or ran out of time. `cause` is what it threw. */
export class CallbackError extends TransitionsError {
  readonly code: string = 'TRANSITIONS_CALLBACK';

  constructor(
    readonly step: Step,
    /** The participant's order. */
    readonly order: number,
    /** How long the callback took, if it was timed. */
    readonly elapsedMs: number | undefined,
    cause: unknown,
    message?: string,
  ) {
    super(
      message ??
        `Participant ${step.participant} (order ${order}) failed in ${describeStep(step)}${after(elapsedMs)}: ${messageOf(cause)}`,
      { cause },
    );
    printBriefly(this, 'step');
  }
}

/**
 * A callback ran out of time; what it did is unknown until its promise settles.
 */
export class CallbackTimeoutError extends CallbackError {
  override readonly code = 'TRANSITIONS_CALLBACK_TIMEOUT';

  constructor(step: Step, order: number, elapsedMs: number) {
    super(
      step,
      order,
      elapsedMs,
      undefined,
      `Participant ${step.participant} (order ${order}) did not settle in ${describeStep(step)} within ${Math.round(elapsedMs)} ms; nothing more is called for ${step.target ?? step.participant} until it does, or until ${resetOf(step)}`,
    );
  }
}

/**
 * A volume broke while it was served; `fail(volumeName, error)` said so. `cause`
 * is the error.
 */
export class VolumeFailedError extends TransitionsError {
  readonly code = 'TRANSITIONS_VOLUME_FAILED';

  constructor(
    readonly volume: string,
    cause: unknown,
  ) {
    super(`Volume ${volume} failed while it was served: ${messageOf(cause)}`, {
      cause,
    });
    printBriefly(this);
  }
}

/** A transition needs a target whose last callback has not settled yet. */
export class TargetUnknownError extends TransitionsError {
  readonly code = 'TRANSITIONS_TARGET_UNKNOWN';

  constructor(readonly steps: readonly Step[]) {
    super(
      `The configuration changes what is still unknown: ${steps
        .map(
          (step) =>
            `${step.participant} has not settled in ${describeStep(step)}`,
        )
        .join(
          '; ',
        )}; wait for it, or call ${[...new Set(steps.map(resetOf))].join(', ')}`,
    );
  }
}

/**
 * Steps that were not tried, because time was up or what they build on had
 * failed.
 */
export class AbandonedError extends TransitionsError {
  readonly code = 'TRANSITIONS_ABANDONED';

  constructor(
    readonly steps: readonly Step[],
    why: string,
  ) {
    super(
      `${count(steps.length, 'step')} not done, ${why}: ${listed(
        steps.map((step) => `${step.participant}.${describeStep(step)}`),
      )}`,
    );
  }
}

/**
 * What participants hold differs from the configuration in force, though no
 * error of this transition explains it.
 */
export class DeviationError extends TransitionsError {
  readonly code = 'TRANSITIONS_DEVIATION';

  constructor(
    /** In words: which participant differs, and in what. */
    readonly differences: readonly string[],
  ) {
    super(
      `What is held differs from the configuration in force: ${listed(differences)}; reload once more, or reset what is named`,
    );
  }
}

/** A Down stopped the transition at its next step. */
export class PreemptedByDownError extends TransitionsError {
  readonly code = 'TRANSITIONS_PREEMPTED_BY_DOWN';

  constructor() {
    super('A Down stopped the transition; what it had done is taken down');
  }
}

/**
 * A reload with a newer configuration took over from the transition at its next
 * step; nothing was undone first.
 */
export class SupersededError extends TransitionsError {
  readonly code = 'TRANSITIONS_SUPERSEDED';

  constructor(
    /** That of the newer configuration. */
    readonly generation: number,
    /** What asked for that reload. */
    readonly reason: string,
  ) {
    super(
      `Generation ${generation} (${reason}) took over at the next step and goes on from what is held`,
    );
  }
}

/** Something was asked for that the current state does not allow. */
export class TransitionStateError extends TransitionsError {
  readonly code = 'TRANSITIONS_STATE';

  constructor(
    what: string,
    readonly state: string,
    why: string,
  ) {
    super(`${what} is refused while ${state}: ${why}`);
  }
}

/**
 * A transition was asked for from inside a callback that it would have to wait
 * for.
 */
export class ReentrantTransitionError extends TransitionsError {
  readonly code = 'TRANSITIONS_REENTRANT';

  constructor(what: string) {
    super(
      `${what} was called inside a transition callback, which it would have to wait for; let the callback return first`,
    );
  }
}

/**
 * Thrown by a participant to refuse a callback: nothing has changed. With
 * `onFailure: 'isolate'` the volume goes back to where it was and does not
 * count as failed. Otherwise it fails the transition, like any error.
 */
export class RejectTransition extends TransitionsError {
  readonly code = 'TRANSITIONS_REJECTED';
}

/**
 * An uncaught error is printed with its stack and its data. Inside a transition
 * our frames say nothing, and what is in the message, or long, need not be
 * printed: such data is hidden there. Of a cause that a participant threw, all is.
 */
export function printBriefly(
  error: TransitionsError,
  ...hidden: string[]
): void {
  error.stack = `${error.name}: ${error.message}`;
  for (const name of hidden) {
    Object.defineProperty(error, name, { enumerable: false });
  }
}

function after(elapsedMs: number | undefined): string {
  return elapsedMs === undefined ? '' : ` after ${Math.round(elapsedMs)} ms`;
}

function placeOf({ path, line }: TopologyProblem): string {
  if (line === undefined) return '';
  return `${path ?? '<text>'}:${line}: `;
}
