import { textOf } from '../checks/value-kinds.js';
import type { Participant } from '../core/model/participant.js';
import {
  problemsOfCandidates,
  warningsOfCandidates,
} from './participant-checks.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import { ParticipantError } from './participant-error.js';
import type { ParticipantReference } from './participant.decorator.js';

/** Participants in ascending order, and what is doubtful about it. */
export interface OrderedParticipants {
  readonly participants: readonly Participant[];
  readonly warnings: readonly string[];
}

/**
 * Gives each candidate its place: ascending by order, then by registration. One
 * without an order takes the highest order of those it goes after, and follows
 * them. An order that contradicts injection is a warning; `after` is a promise.
 *
 * @throws ParticipantError with everything that is wrong: duplicate names, bad
 * numbers, unknown names in `after`, cycles, an order that contradicts `after`.
 */
export function orderParticipants(
  candidates: readonly ParticipantCandidate[],
): OrderedParticipants {
  return new Ordering(candidates).run();
}

class Ordering {
  private readonly problems: string[];
  private readonly warnings: string[];
  private readonly orders = new Map<ParticipantCandidate, number>();
  private readonly visiting: ParticipantCandidate[] = [];
  private readonly placed: ParticipantCandidate[] = [];

  constructor(private readonly candidates: readonly ParticipantCandidate[]) {
    this.problems = problemsOfCandidates(candidates);
    this.warnings = warningsOfCandidates(candidates);
  }

  run(): OrderedParticipants {
    for (const candidate of this.candidates) this.orderOf(candidate);
    this.throwProblems();
    const ascending = this.candidates.toSorted((a, b) =>
      compare(this.orders.get(a)!, this.orders.get(b)!),
    );
    for (const candidate of ascending) this.place(candidate);
    this.checkPlaces();
    this.throwProblems();
    return {
      participants: this.placed.map((candidate) => this.finished(candidate)),
      warnings: this.warnings,
    };
  }

  private finished(candidate: ParticipantCandidate): Participant {
    const { name, callbacks, options } = candidate;
    const { concurrency = 1, timeout, keepsPace } = options;
    const order = this.orders.get(candidate)!;
    return { name, order, callbacks, concurrency, timeout, keepsPace };
  }

  /** The order of a candidate; of those before it first. */
  private orderOf(candidate: ParticipantCandidate): number {
    const known = this.orders.get(candidate);
    if (known !== undefined) return known;
    if (this.visiting.includes(candidate)) {
      const cycle = [
        ...this.visiting.slice(this.visiting.indexOf(candidate)),
        candidate,
      ];
      this.problems.push(
        `participants go after one another in a circle: ${cycle.map(({ name }) => name).join(' after ')}; give one of them an order`,
      );
      return 0;
    }
    this.visiting.push(candidate);
    const before = this.predecessorsOf(candidate).map((predecessor) =>
      this.orderOf(predecessor),
    );
    this.visiting.pop();
    const order =
      candidate.options.order ?? Math.max(0, ...before.filter(Number.isFinite));
    this.orders.set(candidate, order);
    return order;
  }

  private predecessorsOf(candidate: ParticipantCandidate) {
    const { after = [], order } = candidate.options;
    const named = [after]
      .flat()
      .flatMap((reference) => this.resolve(candidate, reference));
    return order === undefined
      ? [...named, ...this.injectedBy(candidate)]
      : named;
  }

  private resolve(
    candidate: ParticipantCandidate,
    reference: ParticipantReference,
  ): ParticipantCandidate[] {
    const isMeant = whoIs(reference);
    if (isMeant === undefined) {
      this.problems.push(
        `participant ${candidate.name} goes after ${textOf(reference)}; expected the class of a participant, or its name (between modules that import each other a class may be undefined: use its name)`,
      );
      return [];
    }
    const found = this.candidates.filter(isMeant);
    if (found.length === 0) {
      const name = typeof reference === 'string' ? reference : reference.name;
      this.problems.push(
        `participant ${candidate.name} goes after ${name}, which is no participant`,
      );
    }
    return found;
  }

  private injectedBy({ injects }: ParticipantCandidate) {
    return this.candidates.filter(({ callbacks }) =>
      injects.includes(callbacks),
    );
  }

  private place(candidate: ParticipantCandidate): void {
    if (this.placed.includes(candidate)) return;
    for (const before of this.predecessorsOf(candidate)) this.place(before);
    this.placed.push(candidate);
  }

  private checkPlaces(): void {
    for (const candidate of this.candidates) {
      const order = this.orders.get(candidate)!;
      for (const before of this.predecessorsOf(candidate)) {
        if (this.orders.get(before)! <= order) continue;
        this.problems.push(
          `participant ${candidate.name} (order ${order}) is to go after ${before.name} (order ${this.orders.get(before)!}), which comes up later`,
        );
      }
      for (const injected of this.injectedBy(candidate)) {
        const later =
          this.placed.indexOf(injected) > this.placed.indexOf(candidate);
        if (!later) continue;
        this.warnings.push(
          `Participant ${candidate.name} (order ${order}) injects ${injected.name} (order ${this.orders.get(injected)!}), which comes up after it`,
        );
      }
    }
  }

  private throwProblems(): void {
    if (this.problems.length === 0) return;
    throw new ParticipantError([...new Set(this.problems)]);
  }
}

/** Which participants a reference names; undefined for what is none, as plain JavaScript may have it. */
function whoIs(
  reference: ParticipantReference,
): ((candidate: ParticipantCandidate) => boolean) | undefined {
  if (typeof reference === 'string') return ({ name }) => name === reference;
  return typeof reference === 'function' &&
    typeof reference.prototype === 'object'
    ? ({ callbacks }) => callbacks instanceof reference
    : undefined;
}

// Not by difference: that of two infinite orders is no number.
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
