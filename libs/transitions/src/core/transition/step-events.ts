import type { CallbackName } from '../model/callbacks.js';
import type { Participant } from '../model/participant.js';
import { stepOf } from '../model/step.js';
import type { EventSink, TransitionEvent } from '../report/events.js';
import type { BlockRecord } from '../run/block-record.js';
import type { StepObserver } from '../run/run-control.js';

/** Tells of each step of a transition, where anybody listens to steps. */
export function stepEvents(
  id: number,
  sink: EventSink,
): StepObserver | undefined {
  return sink.wantsSteps() ? new EventingObserver(id, sink) : undefined;
}

/** What is told of a phase at a participant once it is over. */
export function phaseEnded(
  id: number,
  record: BlockRecord,
  participant: Participant,
): TransitionEvent {
  const callback: CallbackName = record.block.callback;
  return {
    type: 'phaseEnded',
    id,
    participant: participant.name,
    callback,
    calls: record.calls,
    failed: [...record.failedSteps()].length,
    targets: record.block.targets
      .slice(0, Math.min(10, record.started))
      .flatMap((target) => (target === null ? [] : [target.name])),
    durationMs: record.durationMs,
  };
}

class EventingObserver implements StepObserver {
  constructor(
    private readonly id: number,
    private readonly sink: EventSink,
  ) {}

  stepStarted(
    ...[callback, participant, target]: Parameters<StepObserver['stepStarted']>
  ): void {
    const { id } = this;
    const step = stepOf(callback, participant, target);
    this.sink.emit({ type: 'stepStarted', id, ...step });
  }

  stepEnded(
    ...[callback, participant, target, error]: Parameters<
      StepObserver['stepEnded']
    >
  ): void {
    const { id } = this;
    const step = stepOf(callback, participant, target);
    this.sink.emit({
      type: 'stepEnded',
      id,
      ...step,
      ...(error === undefined ? {} : { error }),
    });
  }
}
