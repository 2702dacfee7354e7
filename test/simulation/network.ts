import type {
  ClaimAnswer,
  ClaimRequest,
  LeaseChange,
  LeaseListing,
  LeaseSession,
  Release,
  ServingLeases,
} from 'nestjs-transitions/core';
import type { Chance } from './chance.js';
import type { Machine } from './machine.js';
import type { SimulatedStore } from './store.js';
import type { Timeline } from './timeline.js';

/** How bad the network is. */
export interface Weather {
  /** Of messages: how many are slow, and by how much in milliseconds. */
  readonly slow: number;
  readonly slowBy: number;
  readonly lost: number;
  /** Of requests: how many come twice, the second time late. */
  readonly doubled: number;
  /** Of hints: how many are lost, and how many come up to so much later. */
  readonly lostHints: number;
  readonly lateHints: number;
}

export const fairWeather: Weather = {
  slow: 0,
  slowBy: 0,
  lost: 0,
  doubled: 0,
  lostHints: 0,
  lateHints: 0,
};

/** The way between one machine and the store. */
export class Link {
  weather: Weather = fairWeather;
  /** Nothing gets through to the store. */
  cutOut = false;
  /** Nothing gets through from the store. */
  cutIn = false;

  constructor(
    private readonly timeline: Timeline,
    private readonly chance: Chance,
    private readonly machine: Machine,
    readonly store: SimulatedStore,
  ) {}

  /** A call. It may never settle: then its deadline is what ends it. */
  call<T>(operation: (store: SimulatedStore) => T): Promise<T> {
    const { timeline, chance, machine } = this;
    const { incarnation } = machine;
    return new Promise((resolve, reject) => {
      const deliver = (settle: () => void): void => {
        if (this.cutIn || chance.happens(this.weather.lost)) return;
        timeline.at(timeline.now + this.delay(), settle, machine, incarnation);
      };
      const arrive = (): void => {
        if (this.store.isDown) return;
        if (this.store.answersAt > timeline.now) {
          timeline.at(this.store.answersAt, arrive);
          return;
        }
        try {
          const answer = operation(this.store);
          deliver(() => resolve(answer));
        } catch (error) {
          deliver(() => reject(error));
        }
      };
      if (this.cutOut || chance.happens(this.weather.lost)) return;
      timeline.after(this.delay(), arrive);
      if (chance.happens(this.weather.doubled)) {
        timeline.after(this.delay() + chance.between(0, 4_000), arrive);
      }
    });
  }

  /** A change on its way here. */
  hint(deliver: () => void, incarnation: number): void {
    const { timeline, chance, machine, weather } = this;
    if (this.cutIn || chance.happens(weather.lostHints)) return;
    const late = chance.happens(weather.lateHints)
      ? chance.between(0, 6_000)
      : 0;
    const time = timeline.now + this.delay() + late;
    timeline.at(time, deliver, machine, incarnation);
  }

  private delay(): number {
    const { slow, slowBy } = this.weather;
    const most = this.chance.happens(slow) ? slowBy : 20;
    return 1 + this.chance.next() * most;
  }
}

/** So often a claim looks at what was claimed while it was on its way. */
const mostLooks = 4;

/** What hears of changes. */
type Watcher = (change: LeaseChange) => void;

/** The lease port of one process, over its link. */
export class NetworkedLeases implements ServingLeases {
  private readonly watchers = new Set<Watcher>();

  constructor(
    protected readonly link: Link,
    private readonly machine: Machine,
  ) {}

  describe(): string {
    return 'a simulated store';
  }

  async openSession(owner: string): Promise<LeaseSession> {
    const { id, storeId, ttl } = await this.link.call((store) =>
      store.open(owner),
    );
    return this.sessionOf(id, storeId, ttl);
  }

  list(): Promise<LeaseListing> {
    return this.link.call((store) => store.list());
  }

  async *changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LeaseChange[]> {
    const waiting: LeaseChange[] = [];
    let wake = (): void => {};
    const { incarnation } = this.machine;
    const hear = (change: LeaseChange): void =>
      this.link.hint(() => {
        waiting.push(change);
        wake();
      }, incarnation);
    const end = (): void => wake();
    signal.addEventListener('abort', end);
    this.watchers.add(hear);
    try {
      const missed = await this.link.call((store) =>
        store.changesAfter(revision),
      );
      if (missed.length > 0) yield missed;
      while (!signal.aborted) {
        if (waiting.length > 0) yield waiting.splice(0);
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.watchers.delete(hear);
      signal.removeEventListener('abort', end);
    }
  }

  async close(): Promise<void> {}

  /** A change in the store. */
  tell(change: LeaseChange): void {
    for (const hear of this.watchers) hear(change);
  }

  /** In two calls, as in etcd: what the first one says of others may be old news by the end of the second. */
  private async claim(
    session: string,
    claims: readonly ClaimRequest[],
  ): Promise<readonly ClaimAnswer[]> {
    const answers = new Map<string, ClaimAnswer>();
    let open = claims;
    for (let look = 0; look < mostLooks && open.length > 0; look++) {
      const asked = open;
      const refusals = await this.link.call((store) =>
        asked.map((claim) => store.refusalOf(session, claim)),
      );
      const free = asked.filter((claim, index) => {
        const refusal = refusals[index];
        if (refusal !== undefined) answers.set(claim.volume, refusal);
        return refusal === undefined;
      });
      const made =
        free.length === 0
          ? []
          : await this.link.call((store) => store.claim(session, free));
      for (const answer of made) {
        if (answer.token !== undefined) answers.set(answer.volume, answer);
      }
      open = free.filter(({ volume }) => !answers.has(volume));
    }
    return claims.map(
      ({ volume }) =>
        answers.get(volume) ?? { volume, token: undefined, holder: undefined },
    );
  }

  protected sessionOf(id: string, storeId: string, ttl: number): LeaseSession {
    const { link } = this;
    return {
      id,
      storeId,
      ttl,
      renew: () => link.call((store) => store.renew(id)),
      claim: (claims: readonly ClaimRequest[]) => this.claim(id, claims),
      release: (releases: readonly Release[]) =>
        link.call((store) => store.release(releases)),
      end: () => link.call((store) => store.end(id)),
      endInOrder: () => link.call((store) => store.endInOrder(id)),
    };
  }
}
