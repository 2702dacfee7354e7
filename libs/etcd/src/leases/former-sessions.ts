import type { Predecessor } from 'nestjs-transitions/core';
import { batches, eachBatch } from './batches.js';
import type { LastClaim } from './lease-keys.js';
import type { LeaseStore } from './lease-store.js';
import { allOf, found, get } from './requests.js';

/** Which sessions ended in order, and so released what they held then. */
export class FormerSessions {
  /** The revisions in which they did. They never change: each is asked once. */
  private readonly ends = new Map<string, bigint>();

  constructor(private readonly store: LeaseStore) {}

  /**
   * Asks about those that last claims leave open: one key for each session, and
   * nothing where none does. That is asked after the volumes were claimed, so
   * none of these sessions holds them any more, and its end is written.
   */
  async ask(
    claims: readonly (LastClaim | undefined)[],
    signal: AbortSignal,
  ): Promise<void> {
    const sessions = new Set<string>();
    for (const claim of claims) {
      const session = claim?.session;
      if (session === undefined || this.ends.has(session)) continue;
      sessions.add(session);
    }
    const { keys } = this.store;
    const answers = await eachBatch(
      batches(
        [...sessions],
        (session) => session,
        () => 100,
      ),
      async (batch) => {
        const request = allOf(batch.map((session) => get(keys.ended(session))));
        const { responses } = await this.store.transact(request, signal);
        return batch.map((session, index): [string, bigint | undefined] => {
          const end = found(responses[index]);
          return [session, end?.modRevision];
        });
      },
    );
    for (const [session, end] of answers) {
      if (end !== undefined) this.ends.set(session, end);
    }
  }

  /**
   * Who made a last claim, and how that had ended, as far as it was asked, when
   * the next one came in the revision `next`. A session that ended after that had
   * lost the volume before.
   */
  predecessorIn(
    claim: LastClaim | undefined,
    next: bigint,
  ): Predecessor | undefined {
    if (claim === undefined) return undefined;
    const { predecessor, session } = claim;
    const end = session === undefined ? undefined : this.ends.get(session);
    return end !== undefined && end < next
      ? { ...predecessor, end: 'released' }
      : predecessor;
  }
}
