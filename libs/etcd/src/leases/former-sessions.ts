import type { Predecessor } from 'nestjs-transitions/core';
import { isThere } from './lease-keys.js';
import type { LeaseStore } from './lease-store.js';
import { allOf, found, get, nested, nestedAnswer } from './requests.js';
import { noSession, type VolumeRecord } from './volume-record.js';

/**
 * Which sessions are over, and whether they ended in order. Both stay so, but after
 * a restore: a session is asked about until it is over.
 */
export class FormerSessions {
  private readonly ends = new Map<string, Predecessor['end']>();
  /** Of these, those that may be there again. */
  private readonly doubted = new Set<string>();

  constructor(private readonly store: LeaseStore) {}

  /**
   * Asks about those that were not over when they were asked about last.
   *
   * @param sessions - no more than goes into one request
   */
  async ask(sessions: Iterable<string>, signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(sessions)].filter(
      (session) => !this.isOver(session),
    );
    if (unknown.length === 0) return;
    const { keys } = this.store;
    const questions = unknown.map((session) =>
      nested(allOf([get(keys.session(session)), get(keys.ended(session))])),
    );
    const answers = await this.store.askAll(questions, signal);
    unknown.forEach((session, index) => {
      // Both as of one moment: the end is written as the session goes.
      const [alive, ended] = nestedAnswer(answers[index])!.responses;
      if (isThere(found(alive))) return;
      const isInOrder = found(ended) !== undefined;
      this.ends.set(session, isInOrder ? 'released' : 'expired');
      this.doubted.delete(session);
    });
  }

  /** As far as it was asked. */
  isOver(session: string): boolean {
    return this.ends.has(session) && !this.doubted.has(session);
  }

  /** How a session ended when it was found to be over; undefined if it never was. */
  endOf(session: string): Predecessor['end'] | undefined {
    return this.ends.get(session);
  }

  /** One of them is not over: they are asked about again. */
  doubt(sessions: Iterable<string>): void {
    for (const session of sessions) this.doubted.add(session);
  }
}

/** Those under which volumes were claimed, and not released. */
export function sessionsIn(records: readonly VolumeRecord[]): Set<string> {
  const sessions = new Set<string>();
  for (const { holder } of records) {
    if (holder !== undefined && holder.session !== noSession)
      sessions.add(holder.session);
  }
  return sessions;
}
