import type { EventSink } from '../report/events.js';
import type { PendingRetry } from '../state/snapshot.js';
import type { RealState } from '../state/real-state.js';
import { delayBefore } from '../time/backoff.js';
import type { Clock } from '../time/clock.js';
import type { ReloadRequest } from '../transition/job-queue.js';
import type { Due } from '../transition/retry.js';
import type { RetrySettings } from '../transition/settings.js';
import { AsideRetries } from './aside-retries.js';
import {
  pendingRetry,
  type Attempt,
  type PlanAttempt,
  type Subject,
} from './attempt.js';
import { unknownNames } from './unknown-names.js';

/** What retries need from outside. */
export interface RetryPorts {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly sink: EventSink;
  readonly state: RealState;
  /** Something is due: asks for a turn, in which {@link Retries.takeDue} says what. */
  readonly onDue: () => void;
}

/** What is tried in one turn. */
export interface DueRetries {
  /** In one transition; undefined for nothing. */
  readonly aside: Due | undefined;
  readonly reload: ReloadRequest | undefined;
}

/**
 * Knows what is tried again, and when: what is set aside, and a reload that was
 * rolled back. It runs nothing itself. What fails together is due together; what is
 * unknown waits until it has settled or was reset.
 *
 * A success ends it, and so does whatever else forgets the failure: a newer
 * configuration, a reset. Who fails again within `max` after a success goes on
 * where it was, so that what heals and breaks all the time is not tried every
 * `initial`.
 */
export class Retries {
  private readonly aside = new AsideRetries();
  private reload:
    { readonly request: ReloadRequest; readonly attempt: Attempt } | undefined;
  private cancelTimer: (() => void) | undefined;
  /** A turn was asked for, and has not come yet. */
  private isWaiting = false;

  constructor(
    private readonly settings: RetrySettings,
    private readonly ports: RetryPorts,
  ) {}

  /** What is tried again: groups, then volumes, then a reload. */
  get pending(): readonly PendingRetry[] {
    const now = this.ports.clock.now();
    const isHeld = this.holds();
    return this.all.map((attempt) => {
      const { at, subject } = attempt;
      const inMs = isHeld(subject) ? undefined : Math.max(0, at - now);
      return pendingRetry(attempt, inMs);
    });
  }

  /** After each transition, and when something unknown has settled: reads anew what is set aside. */
  look(): void {
    const { state, clock } = this.ports;
    const planned = this.aside.update(
      state.failures.list,
      this.planner(),
      clock.now(),
      this.settings.max,
    );
    this.announce(planned);
    this.setTimer();
  }

  /** A reload was rolled back, or could not be tried again yet: it is tried later. */
  keepReload(request: ReloadRequest): void {
    // What is tried again is still called what was asked for first.
    const { reason } = this.reload?.request ?? request;
    const number = (this.reload?.attempt.attempt ?? 0) + 1;
    const attempt = this.planner()({ kind: 'reload', reason }, number);
    this.reload = { request: { ...request, reason }, attempt };
    this.announce([attempt]);
    this.setTimer();
  }

  /** No reload is tried again. */
  forgetReload(): void {
    if (this.reload === undefined) return;
    this.reload = undefined;
    this.setTimer();
  }

  /**
   * The turn has come: what is due by now. It counts as tried: the next
   * {@link look} plans a further attempt where it failed again.
   */
  takeDue(): DueRetries {
    this.isWaiting = false;
    const now = this.ports.clock.now();
    const isHeld = this.holds();
    const due = this.all.filter(
      ({ at, subject }) => at <= now && !isHeld(subject),
    );
    const isReload = due.some(({ subject }) => subject.kind === 'reload');
    const aside = this.aside.take(due);
    const isAside = aside.groups.size + aside.volumes.size > 0;
    return {
      aside: isAside ? aside : undefined,
      reload: isReload ? this.reload?.request : undefined,
    };
  }

  /** Nothing is tried any more. */
  stop(): void {
    this.cancelTimer?.();
  }

  private get all(): Attempt[] {
    const { aside, reload } = this;
    return [
      ...aside.attempts,
      ...(reload === undefined ? [] : [reload.attempt]),
    ];
  }

  /** Whether something waits because it is unknown. */
  private holds(): (subject: Subject) => boolean {
    const { state } = this.ports;
    if (state.unknown.length === 0) return () => false;
    const unknown = unknownNames(state);
    return (subject) => {
      // A reload may concern whatever is unknown.
      if (unknown === 'all' || subject.kind === 'reload') return true;
      const { groups, volumes } = unknown;
      return (subject.kind === 'volume' ? volumes : groups).has(subject.name);
    };
  }

  /** What is planned with one planner waits equally long, attempt by attempt. */
  private planner(): PlanAttempt {
    const { clock, random } = this.ports;
    const now = clock.now();
    const drawn = random();
    return (subject, attempt) => ({
      subject,
      attempt,
      at: now + delayBefore(attempt, this.settings, drawn),
    });
  }

  private announce(planned: readonly Attempt[]): void {
    const { clock, sink } = this.ports;
    for (const number of new Set(planned.map(({ attempt }) => attempt))) {
      const together = planned.filter(({ attempt }) => attempt === number);
      const subjects = together.map(({ subject }) => subject);
      const reload = subjects.find((each) => each.kind === 'reload');
      sink.emit({
        type: 'retryScheduled',
        groups: namesIn(subjects, 'group'),
        volumes: namesIn(subjects, 'volume'),
        ...(reload === undefined ? {} : { reload: reload.reason }),
        attempt: number,
        delayMs: together[0]!.at - clock.now(),
      });
    }
  }

  /** One timer, for what is due first. What is unknown has no time. */
  private setTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const { all } = this;
    if (this.isWaiting || all.length === 0) return;
    const isHeld = this.holds();
    let first = Infinity;
    for (const { at, subject } of all) {
      if (at < first && !isHeld(subject)) first = at;
    }
    if (first === Infinity) return;
    const { clock } = this.ports;
    this.cancelTimer = clock.startTimer(
      () => {
        this.isWaiting = true;
        this.ports.onDue();
      },
      Math.max(0, Math.ceil(first - clock.now())),
      // A process that has nothing else to do may end.
      { keepsAlive: false },
    );
  }
}

function namesIn(
  subjects: readonly Subject[],
  kind: 'group' | 'volume',
): string[] {
  return subjects.flatMap((each) => (each.kind === kind ? each.name : []));
}
