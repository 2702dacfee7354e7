import type { TransitionReport } from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';
import { LetGo } from './let-go.js';
import type { ParticipantModel } from './participant-model.js';
import type { Violation } from './violation.js';

/** What superseded reloads have left to the one that goes on. */
export interface LeftOver {
  /** What was held when the first of them began. */
  readonly before: readonly ParticipantModel[];
  /** The volumes that they let go. */
  readonly letGo: Iterable<string>;
}

/** Follows reloads that supersede each other. */
export class Supersession {
  /** Undefined where the last transition was not superseded, or had done nothing. */
  leftOver: LeftOver | undefined;
  /** The generation that is to go on. */
  private promised: number | undefined;

  /** A transition has ended, before which that much was held. */
  *ended(
    { outcome, kind, supersededBy }: TransitionReport,
    calls: readonly Call[],
    before: readonly ParticipantModel[],
  ): Generator<Violation> {
    // It comes before whoever goes on.
    if (kind === 'lost') return;
    const { promised } = this;
    const generation = calls[0]?.generation ?? promised;
    if (promised !== undefined && kind !== 'down' && generation !== promised) {
      const message = `generation ${generation} goes on where ${promised} was to`;
      yield { invariant: 'I50', message };
    }
    this.promised = supersededBy;
    if (outcome !== 'superseded') {
      this.leftOver = undefined;
      return;
    }
    if (calls.every(({ callback }) => callback === 'validate')) return;
    const letGo = new LetGo(this.leftOver?.letGo);
    for (const call of calls) letGo.began(call);
    this.leftOver = { before: this.leftOver?.before ?? before, letGo };
  }
}
