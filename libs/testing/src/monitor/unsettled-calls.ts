import type { Step } from 'nestjs-transitions/core';
import { lineOf, type Call } from '../call-log.js';
import { isWithin, mayBeWithin, type ResetScope } from './reset-scope.js';
import type { Violation } from './violation.js';

/** The calls that have begun and not settled. */
export class UnsettledCalls {
  private readonly calls = new Set<Call>();
  /** Nobody can tell whether they were reset. */
  private readonly doubtful = new Set<Call>();

  begin(call: Call): void {
    this.calls.add(call);
  }

  /** Whether it was still waited for: one that was reset is not. */
  settle(call: Call): boolean {
    return this.calls.delete(call);
  }

  /** What a reset is about is taken as not done, whatever it does later. */
  reset(scope: ResetScope): void {
    for (const call of this.calls) {
      if (!mayBeWithin(call, scope)) continue;
      this.calls.delete(call);
      if (!isWithin(call, scope)) this.doubtful.add(call);
    }
  }

  /** One that may have been reset was not: that it has settled is told. */
  takeDoubtful(isMeant: (call: Call) => boolean): Call | undefined {
    const found = [...this.doubtful].find(isMeant);
    if (found !== undefined) this.doubtful.delete(found);
    return found;
  }

  /** Those that may have been reset were not, if they are still told of. */
  resolveDoubts(isTold: (call: Call) => boolean): void {
    for (const call of this.doubtful) if (isTold(call)) this.calls.add(call);
    this.doubtful.clear();
  }

  /** What is not known because of them: a validate changes nothing. */
  get unknown(): Call[] {
    return [...this.calls].filter(({ callback }) => callback !== 'validate');
  }

  /** Nothing is called for what another call has not left yet. */
  *overlapsOf(call: Call): Generator<Violation> {
    if (call.callback === 'validate') return;
    for (const other of this.unknown) {
      if (!concerns(call, other)) continue;
      const message = `${lineOf(call)}, though ${lineOf(other)} has not settled`;
      yield { invariant: 'I26', message };
    }
  }
}

/** Whether a call is about the same as another, or needs the group that the other is about. */
function concerns(call: Call, other: Call): boolean {
  if (call.target === undefined || other.target === undefined) {
    return (
      call.target === other.target && call.participant === other.participant
    );
  }
  if (isAboutGroup(call) === isAboutGroup(other)) {
    return call.target === other.target;
  }
  // Of these two callbacks the second name is the group that they need.
  return isAboutGroup(other) && call.names[1] === other.target;
}

function isAboutGroup({ callback }: Call): boolean {
  return callback.startsWith('volumeGroup');
}

/** Whether a call is that of a step. */
export function isCallOf(
  { participant, callback, target }: Call,
  step: Step,
): boolean {
  return (
    step.participant === participant &&
    step.callback === callback &&
    step.target === target
  );
}
