import type { HistoryEvent, PeerEvent } from './history.js';

/** A law that is broken. */
export interface Violation {
  /** The number of the invariant: see docs/reliability.md. */
  readonly law: 'I32' | 'I33' | 'I34' | 'I35' | 'I36' | 'I37' | 'I38';
  readonly at: number;
  readonly volume: string;
  readonly what: string;
}

/** Of the ttl: how much of it a peer may use. */
const usable = 0.8;

interface Session {
  readonly who: string;
  /** Until when it is surely alive, as its peer can know. */
  until: number;
}

interface Serving {
  readonly token: number;
  readonly isOver: boolean;
}

/** All violations in a history, in the order of time. */
export function findViolations(
  history: readonly HistoryEvent[],
): readonly Violation[] {
  const checker = new HistoryChecker();
  for (const event of history.toSorted((one, other) => one.at - other.at)) {
    checker.add(event);
  }
  return checker.violations;
}

/**
 * Judges events one by one. It takes nobody's word for what counts: deadlines are
 * its own, from when renewals were sent, and the last word has what was accepted.
 *
 * What an operator has taken by force its holder learns later. So nothing is
 * said of such a claim, but that its writes are not accepted after newer ones.
 */
export class HistoryChecker {
  readonly violations: Violation[] = [];
  private readonly sessions = new Map<string, Session>();
  /** The session of each claim. */
  private readonly claims = new Map<string, string>();
  /** By process and volume. */
  private readonly lastClaims = new Map<string, number>();
  private readonly taken = new Set<string>();
  private readonly served = new Map<string, number>();
  private readonly written = new Map<string, { who: string; token: number }>();
  /** Volume, then process. */
  private readonly servings = new Map<string, Map<string, Serving>>();

  /** Events come in the order of time. */
  add(event: HistoryEvent): void {
    switch (event.type) {
      case 'opened':
      case 'renewed':
        return this.extend(event);
      case 'claimed':
        for (const [volume, token] of Object.entries(event.tokens)) {
          this.claims.set(claim(volume, token), event.session);
          this.lastClaims.set(`${event.who} ${volume}`, token);
        }
        return;
      case 'released':
        for (const [volume, token] of Object.entries(event.tokens)) {
          this.release(event, volume, token);
        }
        return;
      case 'serve':
        return this.serve(event);
      case 'use':
        return this.use(event);
      case 'unserved':
        return this.end(event.volume, event.who);
      case 'lost':
        for (const volume of event.volumes) this.lose(event, volume);
        return;
      case 'written':
        return this.write(event);
      case 'revoked':
        this.taken.add(event.session);
        return;
      case 'taken':
        this.taken.add(claim(event.volume, event.token));
        return;
      case 'ended':
        for (const serving of this.servings.values()) serving.delete(event.who);
        return;
      case 'fault':
      case 'moved':
      case 'healed':
      case 'obstacle':
      case 'converged':
        return;
    }
  }

  private extend({
    who,
    session,
    sent,
    ttl,
  }: Extract<PeerEvent, { type: 'opened' | 'renewed' }>): void {
    const until = sent + usable * ttl;
    const known = this.sessions.get(session) ?? { who, until };
    known.until = Math.max(known.until, until);
    this.sessions.set(session, known);
  }

  private serve(event: Extract<PeerEvent, { type: 'serve' }>): void {
    const { at, who, volume, token, held } = event;
    const servings = this.servings.get(volume) ?? new Map<string, Serving>();
    this.servings.set(volume, servings.set(who, { token, isOver: false }));
    // Whoever is told too late lets nobody in.
    if (!held || this.isTaken(volume, token)) return;
    if (this.sessionOf(volume, token)?.who !== who) {
      this.fail('I37', event, `serves with ${token}, which it did not claim`);
    }
    const last = this.served.get(volume) ?? 0;
    if (token <= last) {
      this.fail('I33', event, `serves with ${token} after ${last}`);
    }
    this.served.set(volume, Math.max(token, last));
    this.lookForOthers(event, at);
  }

  private use(event: Extract<PeerEvent, { type: 'use' }>): void {
    const { at, who, volume, token } = event;
    const serving = this.servings.get(volume)?.get(who);
    if (serving?.token !== token || serving.isOver) {
      this.fail('I36', event, `writes with ${token}, after it has let go`);
    }
    if (this.isTaken(volume, token)) return;
    const session = this.sessionOf(volume, token);
    const late = at - (session?.until ?? -Infinity);
    if (late > 0) {
      const by = `${late.toFixed(1)} ms after its deadline`;
      this.fail('I34', event, `writes with ${token}, ${by}`);
    }
    this.lookForOthers(event, at);
  }

  /** Looks for who could let somebody in at the same moment. */
  private lookForOthers(
    event: { readonly at: number; who: string; volume: string },
    at: number,
  ): void {
    const { who, volume } = event;
    for (const [other, { token, isOver }] of this.servings.get(volume) ?? []) {
      if (other === who || isOver || this.isTaken(volume, token)) continue;
      // A process that stands still, or is slow, holds nothing beyond this.
      if ((this.sessionOf(volume, token)?.until ?? at) <= at) continue;
      this.fail('I32', event, `serves while ${other} does with ${token}`);
    }
  }

  private release(
    event: { readonly at: number; readonly who: string },
    volume: string,
    token: number,
  ): void {
    const serving = this.servings.get(volume)?.get(event.who);
    if (serving?.token !== token || serving.isOver) return;
    this.fail('I36', { ...event, volume }, `lets ${token} go while it serves`);
  }

  /** Only time and operators end a session or a key that its holder has not let go. */
  private lose(
    event: Extract<PeerEvent, { type: 'lost' }>,
    volume: string,
  ): void {
    const { at, who, reason } = event;
    this.end(volume, who);
    const token = this.lastClaims.get(`${who} ${volume}`);
    if (token === undefined || this.isTaken(volume, token)) return;
    // That of the peer itself may be earlier than what is known here.
    if (reason === 'deadline') return;
    const left = (this.sessionOf(volume, token)?.until ?? -Infinity) - at;
    if (left <= 0) return;
    const early = `${left.toFixed(1)} ms before its deadline`;
    this.fail(
      'I35',
      { at, who, volume },
      `loses ${token} (${reason}) ${early}`,
    );
  }

  private write(event: Extract<HistoryEvent, { type: 'written' }>): void {
    const { who, volume, token, accepted } = event;
    if (!accepted) return;
    const last = this.written.get(volume);
    if (last !== undefined && token < last.token) {
      const after = `after ${last.who} with ${last.token}`;
      this.fail('I32', event, `a stale write with ${token} counts, ${after}`);
    }
    this.written.set(volume, { who, token });
  }

  private end(volume: string, who: string): void {
    const serving = this.servings.get(volume)?.get(who);
    if (serving === undefined) return;
    this.servings.get(volume)!.set(who, { ...serving, isOver: true });
  }

  private sessionOf(volume: string, token: number): Session | undefined {
    return this.sessions.get(this.claims.get(claim(volume, token)) ?? '');
  }

  private isTaken(volume: string, token: number): boolean {
    const key = claim(volume, token);
    return this.taken.has(key) || this.taken.has(this.claims.get(key) ?? '');
  }

  private fail(
    law: Violation['law'],
    event: { readonly at: number; readonly who: string; volume: string },
    what: string,
  ): void {
    const { at, who, volume } = event;
    const whole = `${law} ${who} ${volume}: ${what}`;
    this.violations.push({ law, at, volume, what: whole });
  }
}

function claim(volume: string, token: number): string {
  return `${volume}@${token}`;
}
