import {
  Deadline,
  LeaseKeeper,
  type LeaseSession,
  type Moment,
  type ServingLeases,
} from 'nestjs-transitions/core';
import type { Bugs } from './bugs.js';
import type { FaultKind } from './faults.js';

/** A bug, and the laws of which at least one must be seen broken. */
export interface SeededBug {
  readonly bug: Bugs;
  readonly laws: readonly string[];
  /** Faults that bring it out. Default: all kinds, mixed. */
  readonly kinds?: readonly FaultKind[];
}

/** The deadline, with its two choices open. */
class DeadlineOf extends Deadline {
  protected readonly part: number = 0.8;
  protected readonly isFromReply: boolean = false;
  private until = -Infinity;

  override extend(sent: Moment, ttl: number): void {
    const from = this.isFromReply ? this.now() : sent;
    this.until = Math.max(this.until, from.monotonic + this.part * ttl);
  }

  override get left(): number {
    return this.until - this.now().monotonic;
  }
}

/** Bugs of the kinds that are really made. The simulation must catch each. */
export const seededBugs: Readonly<Record<string, SeededBug>> = {
  'the resource does not check tokens': {
    bug: { resourceTakesAnyToken: true },
    laws: ['I32'],
    kinds: ['stop', 'failOver'],
  },
  'a peer has no deadline of its own, and trusts the store to tell it': {
    bug: {
      keeper: keeperWith(
        class extends Deadline {
          override get left(): number {
            return 1_000;
          }
        },
      ),
    },
    laws: ['I32', 'I34', 'I35'],
  },
  'a session is lost only at twice the ttl after the last answer': {
    bug: {
      keeper: keeperWith(
        class extends DeadlineOf {
          override readonly part = 2;
          override readonly isFromReply = true;
        },
      ),
    },
    laws: ['I32', 'I34', 'I35'],
  },
  'the deadline counts from the reply': {
    bug: {
      keeper: keeperWith(
        class extends DeadlineOf {
          override readonly isFromReply = true;
        },
      ),
    },
    laws: ['I34', 'I35'],
  },
  'the deadline has no margin': {
    bug: {
      keeper: keeperWith(
        class extends DeadlineOf {
          override readonly part = 1;
        },
      ),
    },
    laws: ['I34', 'I35'],
  },
  'nobody looks at the wall clock': {
    bug: { ignoresWallClock: true },
    laws: ['I34', 'I35'],
  },
  'there is no check at the point of use': {
    bug: { gateDoesNotCheck: true },
    laws: ['I34', 'I35', 'I32'],
    kinds: ['stop', 'failOver'],
  },
  'the release comes before the unserve': {
    bug: { releasesBeforeUnserve: true },
    laws: ['I36', 'I35'],
  },
  'a failed unserve is followed by a release': {
    bug: { releasesAfterFailedUnserve: true },
    laws: ['I36', 'I35'],
  },
  'a claim again keeps the token': {
    bug: { storeKeepsTokens: true },
    laws: ['I33', 'I35'],
  },
  'a late release takes any key': {
    bug: { storeReleasesAnyToken: true },
    laws: ['I35'],
  },
  'a late claim replaces the key of its session': {
    bug: { storeReplacesOwnKeys: true },
    laws: ['I35'],
  },
  'a claim whose answer was lost is left to rot': {
    bug: { wrapLeases: releasingOnlyWhatWasAnswered },
    laws: ['I38'],
    kinds: ['cut', 'moveAndBack'],
  },
  'a peer listens to nothing but hints': {
    bug: { wrapLeases: listingOnce },
    laws: ['I38'],
  },
  'a peer whose stream of changes is compacted never lists again': {
    bug: { wrapLeases: deafOnceCompacted },
    laws: ['I38'],
    kinds: ['compactStore', 'moveAndBack', 'cut'],
  },
  'a process that starts again does not know which store was used': {
    bug: { forgetsStore: true },
    laws: ['I33', 'I37'],
    kinds: ['wipeStore', 'crash'],
  },
  'another store is taken for the same': {
    bug: { wrapLeases: alwaysTheSameStore },
    laws: ['I33', 'I37'],
    kinds: ['wipeStore', 'crash'],
  },
};

function keeperWith(Kind: typeof Deadline): typeof LeaseKeeper {
  return class extends LeaseKeeper {
    protected override newDeadline(now: () => Moment): Deadline {
      return new Kind(now);
    }
  };
}

function wrapped(
  leases: ServingLeases,
  change: Partial<ServingLeases>,
): ServingLeases {
  return {
    describe: () => leases.describe(),
    openSession: (owner, signal) => leases.openSession(owner, signal),
    list: (signal) => leases.list(signal),
    changes: (revision, signal) => leases.changes(revision, signal),
    close: () => leases.close(),
    ...change,
  };
}

function releasingOnlyWhatWasAnswered(leases: ServingLeases): ServingLeases {
  const answered = new Set<bigint>();
  return wrapped(leases, {
    openSession: async (owner, signal) => {
      const session = await leases.openSession(owner, signal);
      const changed: LeaseSession = {
        ...session,
        claim: async (claims, claimSignal) => {
          const answers = await session.claim(claims, claimSignal);
          for (const { token } of answers) {
            if (token !== undefined) answered.add(token);
          }
          return answers;
        },
        release: (releases, releaseSignal) =>
          session.release(
            releases.filter(({ token }) => answered.has(token)),
            releaseSignal,
          ),
      };
      return changed;
    },
  });
}

function listingOnce(leases: ServingLeases): ServingLeases {
  let first: ReturnType<ServingLeases['list']> | undefined;
  return wrapped(leases, {
    list: (signal) => (first ??= leases.list(signal)),
  });
}

function deafOnceCompacted(leases: ServingLeases): ServingLeases {
  let last: ReturnType<ServingLeases['list']> | undefined;
  let isDeaf = false;
  return wrapped(leases, {
    list: (signal) => {
      if (!isDeaf || last === undefined) last = leases.list(signal);
      return last;
    },
    changes: async function* (revision, signal) {
      try {
        yield* leases.changes(revision, signal);
      } catch {
        isDeaf = true;
      }
    },
  });
}

function alwaysTheSameStore(leases: ServingLeases): ServingLeases {
  const storeId = 'store-1';
  return wrapped(leases, {
    openSession: async (owner, signal) => {
      const session = await leases.openSession(owner, signal);
      return {
        ...session,
        storeId,
        renew: async (renewSignal) => {
          const answer = await session.renew(renewSignal);
          return answer && { ...answer, storeId };
        },
      };
    },
    list: async (signal) => ({ ...(await leases.list(signal)), storeId }),
  });
}
