import type { Shape } from '../configuration.js';
import type { Pace } from '../participants.js';
import type { Case } from '../rounds.js';

/** A case, and what it is compared with, for one process. */
export interface Comparison {
  /**
   * A reload in which 3 % of the groups change and nothing fails; none where the case is
   * no reload, as what it takes would be in the memory of the process too.
   */
  readonly reload?: Case;
  readonly measured: Case;
  /** What would be done if nothing were special about the case, where that is not the reload. */
  readonly plain?: Case;
}

/** A case that is compared with a reload. */
export interface ComparedCase {
  /** A part of the ids of its figures. */
  readonly id: string;
  readonly title: string;
  readonly paces: readonly Pace[];
  /** What the plain case is called, where it has one. */
  readonly plainTitle?: string;
  /** It is measured for comparison only. */
  readonly hasNoTarget?: boolean;
  readonly prepare: (shape: Shape, pace: Pace) => Promise<Comparison>;
}
