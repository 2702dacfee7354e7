import type { TransitionFailure } from '../report/failure.js';
import type { Due } from '../transition/retry.js';
import type { Attempt, PlanAttempt, Subject } from './attempt.js';

type AsideSubject = Extract<Subject, { readonly name: string }>;

interface AsideAttempt extends Attempt {
  readonly subject: AsideSubject;
  readonly failure: TransitionFailure;
}

/** What ended well, and until when that is remembered, by the clock. */
interface Healed {
  readonly attempt: number;
  readonly generation: number;
  readonly until: number;
}

/** The attempts at what is set aside, one for each group and volume. */
export class AsideRetries {
  private known = new Map<string, AsideAttempt>();
  /** What was tried in the transition that runs. */
  private readonly tried = new Set<string>();
  private readonly healed = new Map<string, Healed>();

  /** Groups, then volumes. */
  get attempts(): Iterable<AsideAttempt> {
    return this.known.values();
  }

  /**
   * Reads anew what is set aside. Returns what a further attempt was planned for:
   * what was tried and failed again, what fails again within `memoryMs` after a
   * success, under the same configuration, and, with attempt 1, all that is new.
   */
  update(
    failures: Iterable<TransitionFailure>,
    plan: PlanAttempt,
    now: number,
    memoryMs: number,
  ): readonly AsideAttempt[] {
    const before = this.known;
    this.forgetHealed(now);
    this.known = new Map();
    const planned: AsideAttempt[] = [];
    for (const failure of failures) {
      const subject = subjectOf(failure);
      const key = keyOf(subject);
      let attempt = before.get(key);
      if (attempt?.failure !== failure || this.tried.has(key)) {
        const number = this.lastOf(key, failure, attempt) + 1;
        attempt = { ...plan(subject, number), subject, failure };
        planned.push(attempt);
      }
      this.known.set(key, attempt);
    }
    for (const [key, { attempt, failure }] of before) {
      if (this.known.has(key) || !this.tried.has(key)) continue;
      const { generation } = failure;
      this.healed.set(key, { attempt, generation, until: now + memoryMs });
    }
    this.tried.clear();
    return planned;
  }

  /** Counts some attempts as made, and says what they are about. */
  take(attempts: Iterable<Attempt>): Due {
    const groups = new Set<string>();
    const volumes = new Set<string>();
    for (const { subject } of attempts) {
      if (subject.kind === 'reload') continue;
      this.tried.add(keyOf(subject));
      (subject.kind === 'volume' ? volumes : groups).add(subject.name);
    }
    return { groups, volumes };
  }

  /** The number of the last attempt that counts; 0 for a beginning. */
  private lastOf(
    key: string,
    { generation }: TransitionFailure,
    before: AsideAttempt | undefined,
  ): number {
    if (before !== undefined) return this.tried.has(key) ? before.attempt : 0;
    const healed = this.healed.get(key);
    return healed?.generation === generation ? healed.attempt : 0;
  }

  private forgetHealed(now: number): void {
    for (const [key, { until }] of this.healed) {
      if (until <= now) this.healed.delete(key);
    }
  }
}

function subjectOf({ group, volume }: TransitionFailure): AsideSubject {
  return volume === undefined
    ? { kind: 'group', name: group! }
    : { kind: 'volume', name: volume };
}

function keyOf({ kind, name }: AsideSubject): string {
  return `${kind} ${name}`;
}
