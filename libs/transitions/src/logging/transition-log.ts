import type { LoggerService } from '@nestjs/common';
import { listed, messageOf } from '../core/model/error-text.js';
import type { StaleConfiguration } from '../core/configuration/stale.js';
import type { TransitionEvent } from '../core/report/events.js';
import type { TransitionReport } from '../core/report/report.js';
import { describeStep } from '../core/model/step.js';
import { describeCounts } from './describe-counts.js';
import { LeaseLog } from './lease-log.js';
import { fieldsOf, logFields, pick } from './log-fields.js';

type EventOf<Type extends TransitionEvent['type']> = Extract<
  TransitionEvent,
  { type: Type }
>;

// Milliseconds from which on a phase is worth a line among those of everyday.
const slowPhase = 1000;

/**
 * Writes transitions to the log for people to read: a line when one starts, when
 * its plan is known and when it ends, at `log` (an end with errors at `error`); at
 * `debug` one for each participant and phase, or at `log` when that took a second.
 * Each has fields as well, for loggers that write JSON.
 */
export class TransitionLog {
  private readonly leases: LeaseLog;

  constructor(private readonly logger: LoggerService) {
    this.leases = new LeaseLog(logger);
  }

  write(event: TransitionEvent): void {
    switch (event.type) {
      case 'transitionStarted':
        this.logger.log(
          `#${event.id} ${event.kind}: ${messageOf(event.reason)}`,
          fieldsOf(event, 'id', 'kind', 'reason'),
        );
        return;
      case 'transitionPlanned':
        this.logger.log(
          `#${event.id} generation ${event.generation}: ${describeCounts(event.delta)}`,
          fieldsOf(event, 'id', 'generation', 'delta'),
        );
        return;
      case 'phaseEnded':
        this.writePhase(event);
        return;
      case 'callbackSlow':
        this.logger.warn(
          `#${event.id} ${event.participant}.${describeStep(event)} still runs after ${Math.round(event.elapsedMs)} ms`,
          fieldsOf(event, 'id', 'participant', 'callback', 'target'),
        );
        return;
      case 'callbackSettledLate':
        this.logger.warn(
          `${event.participant}.${describeStep(event)} has settled after all${event.error === undefined ? '' : `: ${messageOf(event.error)}`}`,
          fieldsOf(event, 'participant', 'callback', 'target'),
        );
        return;
      case 'rollbackStarted':
        this.logger.error(
          `#${event.id} undone because: ${messageOf(event.cause)}`,
          fieldsOf(event, 'id'),
        );
        return;
      case 'volumeFailed':
        this.logger.error(event.error.message, fieldsOf(event, 'volume'));
        return;
      case 'retryScheduled':
        this.logger.log(
          `${whatIsTried(event)} again in ${Math.round(event.delayMs)} ms (attempt ${event.attempt})`,
          fieldsOf(event, 'groups', 'volumes', 'reload', 'attempt', 'delayMs'),
        );
        return;
      case 'leasesLost':
      case 'leaseSession':
      case 'leaseTrouble':
        this.leases.write(event);
        return;
      case 'transitionEnded':
        this.writeEnd(event.report);
        return;
      case 'stepStarted':
      case 'stepEnded':
        return;
    }
  }

  private writePhase(event: EventOf<'phaseEnded'>): void {
    const fields = fieldsOf(
      event,
      'id',
      'participant',
      'callback',
      'calls',
      'failed',
      'durationMs',
    );
    if (event.durationMs < slowPhase) {
      this.logger.debug?.(describePhase(event), fields);
    } else {
      this.logger.log(describePhase(event), fields);
    }
  }

  private writeStale(id: number, stale: StaleConfiguration): void {
    const fields = logFields({
      id,
      origin: stale.origin,
      source: stale.source,
      errors: stale.errors.map(messageOf),
    });
    this.logger.error(`#${id} ${describeStale(stale)}`, fields);
  }

  private writeEnd(report: TransitionReport): void {
    const { id, outcome, durations, generation } = report;
    for (const { message } of report.warnings) this.logger.warn(message);
    if (report.stale !== undefined) this.writeStale(report.id, report.stale);
    const summary = `#${id} ${outcome} in ${Math.round(durations.total)} ms, generation ${generation}${describeWaiting(report)}`;
    const errors = report.errors.map(messageOf);
    const fields = logFields({
      ...pick(report, 'id', 'kind', 'reason', 'outcome', 'generation'),
      durationMs: durations.total,
      errors,
    });
    if (errors.length === 0) {
      this.logger.log(summary, fields);
      return;
    }
    const lines = errors.map((error) => `\n  ${error}`);
    this.logger.error(`${summary}:${lines.join('')}`, fields);
  }
}

function describeWaiting({ waiting }: TransitionReport): string {
  if (waiting.length === 0) return '';
  const { volume, holder, session, since } = waiting[0]!;
  const by =
    holder === undefined
      ? 'nobody that is known'
      : `${holder} in session ${session}`;
  const more = waiting.length === 1 ? '' : ` and ${waiting.length - 1} more`;
  return `, waiting for ${volume} since ${new Date(since).toISOString()} (held by ${by})${more}`;
}

function describeStale({ origin, source, errors }: StaleConfiguration): string {
  const lines = errors.map((error) => `\n  ${messageOf(error)}`);
  return `stale: the configuration in force is ${origin}, for that of ${source ?? 'its source'} was no good at the boot:${lines.join('')}\n  Mend it and reload`;
}

function whatIsTried(event: EventOf<'retryScheduled'>): string {
  const { groups, volumes, reload } = event;
  if (reload !== undefined) return `The reload (${messageOf(reload)})`;
  return listed([...groups.map((group) => `group ${group}`), ...volumes]);
}

function describePhase(event: EventOf<'phaseEnded'>): string {
  const { id, participant, callback, targets, calls, durationMs } = event;
  const more = calls > targets.length ? `, … ${calls} in all` : '';
  const about = targets.length === 0 ? '' : `(${targets.join(', ')}${more})`;
  const failed = event.failed === 0 ? '' : `, ${event.failed} failed`;
  return `#${id} ${participant}.${callback}${about} ${durationMs.toFixed(1)} ms${failed}`;
}
