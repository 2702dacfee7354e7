import type { Predecessor } from 'nestjs-transitions/core';
import { batches, eachBatch } from './batches.js';
import type { LastClaim } from './lease-keys.js';
import type { LeaseStore } from './lease-store.js';
import { allOf, found, get } from './requests.js';

/** Which sessions ended in order, and so released what they held. */
export class FormerSessions {
  /** It never becomes untrue of a session: it is asked once. */
  private readonly endedInOrder = new Set<string>();

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
      if (session === undefined || this.endedInOrder.has(session)) continue;
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
        return batch.filter((_session, index) => found(responses[index])[0]);
      },
    );
    for (const session of answers) this.endedInOrder.add(session);
  }

  /** Who made a last claim, and how that ended, as far as it was asked. */
  predecessorIn(claim: LastClaim | undefined): Predecessor | undefined {
    if (claim === undefined) return undefined;
    const { predecessor, session } = claim;
    return session !== undefined && this.endedInOrder.has(session)
      ? { ...predecessor, end: 'released' }
      : predecessor;
  }
}
