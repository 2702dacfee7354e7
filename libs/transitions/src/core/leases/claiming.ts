import { callWithin, volumesInCall } from './bounded-call.js';
import type { LeaseBooks } from './lease-books.js';
import type { LeaseTrouble } from './lease-trouble.js';
import type { LiveSession } from './live-session.js';
import type { SessionKeeper } from './session-keeper.js';
import type { ClaimAnswer, ClaimRequest } from './serving-leases.js';

/** So many calls are on their way at a time: the store has the next one when it is done with one. */
const mostAtOnce = 3;
/**
 * How often a refusal is followed up within one attempt: the first one may say
 * that the volume is our own already, and then its release may come in between.
 */
const mostRounds = 4;

/** Claims volumes that wait, batch by batch. */
export class Claiming {
  constructor(
    private readonly sessions: SessionKeeper,
    private readonly books: LeaseBooks,
    private readonly trouble: LeaseTrouble,
  ) {}

  /**
   * One attempt for each volume that waits. What an answer says is in the books
   * then. Where none comes, the claim may be granted or not: the volume goes on
   * waiting, and the next attempt or listing finds it as our own.
   *
   * @throws what a call throws, when all that were begun have ended; after that
   * no other is begun.
   */
  async attempt(volumes: readonly string[]): Promise<void> {
    const wanted = volumes.filter((volume) => this.books.isWaiting(volume));
    const failures: unknown[] = [];
    let begun = 0;
    const work = async (): Promise<void> => {
      while (begun < wanted.length && failures.length === 0) {
        const { live } = this.sessions;
        if (live === undefined) return;
        const batch = wanted.slice(begun, (begun += volumesInCall));
        await this.claim(live, batch).catch((thrown: unknown) => {
          this.trouble.failed(thrown);
          failures.push(thrown);
        });
      }
    };
    await Promise.all(Array.from({ length: mostAtOnce }, work));
    if (failures.length > 0) throw failures[0];
  }

  private async claim(
    live: LiveSession,
    volumes: readonly string[],
  ): Promise<void> {
    let requests: readonly ClaimRequest[] = volumes.map((volume) => ({
      volume,
      token: undefined,
    }));
    for (let round = 0; round < mostRounds && requests.length > 0; round++) {
      const asked = requests;
      const limit = this.sessions.limit(live.signal);
      const answers = await callWithin(limit, (signal) =>
        live.session.claim(asked, signal),
      );
      this.trouble.answered();
      // Its deadline may have passed meanwhile, without a timer that has fired.
      if (!live.isAlive) return;
      for (const answer of answers) this.books.answer(answer);
      requests = answers.flatMap((answer) => this.followUp(answer, live));
    }
  }

  /** What the store refuses although it is not another's is claimed as what it is. */
  private followUp(answer: ClaimAnswer, live: LiveSession): ClaimRequest[] {
    const { volume } = answer;
    if (answer.token !== undefined || !this.books.isWaiting(volume)) return [];
    const { holder } = answer;
    if (holder?.session === live.id) return [{ volume, token: holder.token }];
    return this.books.isGone(holder) ? [{ volume, token: undefined }] : [];
  }
}
