import type {
  ClaimAnswer,
  LeaseChange,
  Predecessor,
} from 'nestjs-transitions/core';
import * as fc from 'fast-check';
import type { Store } from './asked-store.js';
import { Following, marker } from './followed-store.js';

const volumes = ['photos', 'music'];
const owners = ['A', 'B'];
const who = fc.constantFrom(...owners);
const volume = fc.constantFrom(...volumes);
/** `now`: as the volume was claimed last, by whoever; `before`: the time before that. */
const given = fc.constantFrom('none', 'now', 'now', 'before');
/** One thing that is done to a store. */
export const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('claim'),
      who,
      volume,
      token: given,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('release'),
      who,
      volume,
      token: given,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('end', 'end in order'),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('remove'), volume }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('expire', 'expire', 'overwrite'),
      volume,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('compact') }),
  },
);
export type Step = Readonly<
  Partial<Record<'what' | 'who' | 'volume' | 'token', string>>
>;

/** What a store answered, with the names and numbers of one run in the place of its own. */
export class Trace {
  readonly lines: string[] = [];
  private readonly sessions = new Map<string, string>();
  private readonly tokens: bigint[] = [];
  private readonly claimed = new Map<string, bigint[]>();
  private readonly claimedBy = new Map<bigint, string>();

  constructor(private readonly store: Store) {}

  async run(steps: readonly Step[]): Promise<readonly string[]> {
    const { store, lines } = this;
    const { revision } = await store.list();
    const following = new Following(store, revision);
    await following.catchUp();
    for (const each of steps) {
      // What is compacted before it is told is not told.
      if (each.what === 'compact') await following.catchUp();
      lines.push(`${JSON.stringify(each)}: ${await this.answerTo(each)}`);
      lines.push(await this.held());
    }
    await following.catchUp();
    await following.end();
    return [...lines, ...this.news(following.changes)];
  }

  /** What the changes tell that was not known. */
  private news(changes: readonly LeaseChange[]): string[] {
    const sessions: string[] = [];
    const numberOf = (session: string): number => {
      if (!sessions.includes(session)) sessions.push(session);
      return sessions.indexOf(session);
    };
    const held = new Map<string, string>();
    const news: string[] = [];
    for (const change of changes) {
      if (change.volume === undefined) {
        const { session } = change;
        const had = [...held].filter(([, by]) => by === session);
        for (const [name] of had) held.delete(name);
        // Nobody has heard of a session that had nothing.
        if (sessions.includes(session))
          news.push(`session ${numberOf(session)} is over`);
        continue;
      }
      const { volume: name, holder } = change;
      if (holder !== undefined) {
        const { owner, session, token: by } = holder;
        held.set(name, session);
        const told = `${owner} in session ${numberOf(session)}`;
        news.push(`${name} to ${told} with ${this.numberOf(by)}`);
      } else if (held.delete(name)) news.push(`${name} to nobody`);
    }
    return news;
  }

  private async answerTo({ what, ...rest }: Step): Promise<string> {
    const of = rest.volume ?? '';
    const claims = this.claimed.get(of) ?? [];
    const known = rest.token === 'before' ? claims.at(-2) : claims.at(-1);
    if (what === 'remove') {
      await this.store.remove(of);
      return 'removed';
    }
    if (what === 'expire') {
      const { held } = await this.store.list();
      if (!held.some((each) => each.volume === of)) return 'nothing to expire';
      await this.store.expire(of);
      return 'expired';
    }
    if (what === 'overwrite') {
      await this.store.overwrite(of);
      return 'overwritten';
    }
    if (what === 'compact') {
      await this.store.compact();
      return 'compacted';
    }
    const session = await this.sessionOf(rest.who!);
    if (what === 'claim') {
      const own = rest.token === 'none' ? undefined : known;
      const answer = await this.store.claim(session, of, own);
      if (answer?.token !== undefined)
        this.claimedBy.set(answer.token, session);
      return this.answered(of, answer);
    }
    if (what === 'release') {
      // Nobody knows the token of another session.
      if (known === undefined || this.claimedBy.get(known) !== session)
        return 'nothing to release';
      await this.store.release(session, of, known);
      return 'released';
    }
    await this.store.end(session, what === 'end' ? 'at once' : 'in order');
    const late = await this.store.claim(session, volumes[0]!, undefined);
    const lives = await this.store.renew(session);
    await this.releaseLate(session);
    this.sessions.delete(rest.who!);
    // Refused for its session, or for whoever holds the volume.
    const isClaimed = late?.token !== undefined;
    return `ended; claims: ${isClaimed}; lives: ${lives}`;
  }

  /** What it sent before it was over comes after that. */
  private async releaseLate(session: string): Promise<void> {
    for (const [name, claims] of this.claimed) {
      const last = claims.at(-1);
      if (last !== undefined && this.claimedBy.get(last) === session)
        await this.store.release(session, name, last);
    }
  }

  private async sessionOf(owner: string): Promise<string> {
    let session = this.sessions.get(owner);
    session ??= await this.store.open(owner);
    this.sessions.set(owner, session);
    return session;
  }

  private answered(of: string, answer: ClaimAnswer | undefined): string {
    if (answer === undefined) return 'refused';
    if (answer.token === undefined) {
      const { holder } = answer;
      return holder === undefined
        ? 'refused'
        : `refused: ${holder.owner} with ${this.numberOf(holder.token)}`;
    }
    if (answer.token <= (this.tokens.at(-1) ?? 0n))
      return 'a token that is old';
    this.tokens.push(answer.token);
    const claims = this.claimed.get(of) ?? [];
    this.claimed.set(of, [...claims, answer.token]);
    return `claimed with ${this.numberOf(answer.token)} after ${this.told(answer.predecessor)}`;
  }

  private told(predecessor: Predecessor | undefined): string {
    if (predecessor === undefined) return 'nobody';
    const { owner, end, note } = predecessor;
    return `${owner} ${end} ${this.numberOf(predecessor.token)} '${note}'`;
  }

  private async held(): Promise<string> {
    const { held } = await this.store.list();
    const names = new Map([...this.sessions].map(([a, b]) => [b, a]));
    return held
      .filter((each) => each.volume !== marker)
      .map(
        (each) => [each.volume, names.get(each.session), each.token] as const,
      )
      .map(([name, owner, last]) => `${name} ${owner} ${this.numberOf(last)}`)
      .sort()
      .join(', ');
  }

  private numberOf(token: bigint): number {
    return this.tokens.indexOf(token);
  }
}
