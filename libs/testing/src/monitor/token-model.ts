import { lineOf, type Call } from '../call-log.js';
import type { ParticipantModel } from './participant-model.js';
import type { Violation } from './violation.js';

/**
 * The fencing tokens that serveVolume was given, with leases: that of a volume never
 * gets smaller, and whoever is the first to serve it again gets a new one.
 */
export class TokenModel {
  private readonly highest = new Map<string, bigint>();

  /** The store has lost its data, or it is another one: its tokens begin again. */
  beginAgain(): void {
    this.highest.clear();
  }

  /** A call is about to begin. */
  *began(call: Call, models: Iterable<ParticipantModel>): Generator<Violation> {
    const { target = '', fencingToken: token } = call;
    if (token === undefined) return;
    const highest = this.highest.get(target) ?? 0n;
    const isServed = [...models].some((model) => model.serves(target));
    if (token < highest || (token === highest && !isServed)) {
      const message = `${lineOf(call)} with token ${token} after ${highest}`;
      yield { invariant: 'I33', message };
    }
    this.highest.set(target, token);
  }
}
