import type { PendingRetry } from '../state/snapshot.js';

/** What is tried again: a group or a volume that is set aside, or a reload. */
export type Subject =
  | { readonly kind: 'group' | 'volume'; readonly name: string }
  | { readonly kind: 'reload'; readonly reason: string };

/** The next attempt at something. */
export interface Attempt {
  readonly subject: Subject;
  /** 1 for the first one. */
  readonly attempt: number;
  /** When it is due, by the clock. */
  readonly at: number;
}

/** Plans the n-th attempt at something. */
export type PlanAttempt = (subject: Subject, attempt: number) => Attempt;

/** An attempt as a snapshot tells it. */
export function pendingRetry(
  { subject, attempt }: Attempt,
  inMs: number | undefined,
): PendingRetry {
  return subject.kind === 'reload'
    ? { reload: subject.reason, attempt, inMs }
    : { [subject.kind]: subject.name, attempt, inMs };
}
