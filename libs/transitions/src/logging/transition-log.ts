import type { LoggerService } from '@nestjs/common';
import { messageOf } from '../core/model/errors.js';
import type { TransitionEvent } from '../core/report/events.js';
import type { DeltaCounts, TransitionReport } from '../core/report/report.js';
import { describeStep } from '../core/model/step.js';

type EventOf<Type extends TransitionEvent['type']> = Extract<
  TransitionEvent,
  { type: Type }
>;

/** Writes transitions to the log, phase by phase, for people to read. */
export class TransitionLog {
  constructor(private readonly logger: LoggerService) {}

  write(event: TransitionEvent): void {
    switch (event.type) {
      case 'transitionStarted':
        this.logger.log(
          `#${event.id} ${event.kind}: ${messageOf(event.reason)}`,
        );
        return;
      case 'transitionPlanned':
        this.logger.log(
          `#${event.id} generation ${event.generation}: ${describeCounts(event.delta)}`,
        );
        return;
      case 'phaseEnded':
        this.logger.log(describePhase(event));
        return;
      case 'callbackSlow':
        this.logger.warn?.(
          `#${event.id} ${event.participant}.${describeStep(event)} still runs after ${Math.round(event.elapsedMs)} ms`,
        );
        return;
      case 'callbackSettledLate':
        this.logger.warn?.(
          `${event.participant}.${describeStep(event)} has settled after all${event.error === undefined ? '' : `: ${messageOf(event.error)}`}`,
        );
        return;
      case 'rollbackStarted':
        this.logger.error(
          `#${event.id} undone because: ${messageOf(event.cause)}`,
        );
        return;
      case 'transitionEnded':
        this.writeEnd(event.report);
        return;
      case 'stepStarted':
      case 'stepEnded':
        return;
    }
  }

  private writeEnd(report: TransitionReport): void {
    const { id, outcome, durations, generation } = report;
    for (const { message } of report.warnings) this.logger.warn(message);
    const summary = `#${id} ${outcome} in ${Math.round(durations.total)} ms, generation ${generation}`;
    if (report.errors.length === 0) {
      this.logger.log(summary);
      return;
    }
    const errors = report.errors.map((error) => `\n  ${messageOf(error)}`);
    this.logger.error(`${summary}:${errors.join('')}`);
  }
}

function describePhase(event: EventOf<'phaseEnded'>): string {
  const { id, participant, callback, targets, calls, durationMs } = event;
  const more = calls > targets.length ? `, … ${calls} in all` : '';
  const about = targets.length === 0 ? '' : `(${targets.join(', ')}${more})`;
  const failed = event.failed === 0 ? '' : `, ${event.failed} failed`;
  return `#${id} ${participant}.${callback}${about} ${durationMs.toFixed(1)} ms${failed}`;
}

const wordings: readonly (readonly [keyof DeltaCounts, string, string])[] = [
  ['groupsCreated', 'group', 'created'],
  ['groupsMoved', 'group', 'moved'],
  ['groupsChanged', 'group', 'changed'],
  ['groupsDestroyed', 'group', 'destroyed'],
  ['volumesCreated', 'volume', 'created'],
  ['volumesMoved', 'volume', 'moved'],
  ['volumesChanged', 'volume', 'changed'],
  ['volumesDestroyed', 'volume', 'destroyed'],
  ['volumesUnserved', 'volume', 'to unserve'],
  ['volumesServed', 'volume', 'to serve'],
];

function describeCounts(counts: DeltaCounts): string {
  const parts = wordings
    .filter(([key]) => counts[key] > 0)
    .map(
      ([key, noun, verb]) =>
        `${counts[key]} ${noun}${counts[key] === 1 ? '' : 's'} ${verb}`,
    );
  return parts.length === 0 ? 'nothing differs' : parts.join(', ');
}
