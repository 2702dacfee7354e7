/**
 * What happened in a run, in the words of those to whom it happened. `at` is
 * always the monotonic clock of the machine, which all processes share, in
 * milliseconds. `who` is one process of a peer: `a#2` is the second one.
 */
export type HistoryEvent = PeerEvent | ResourceEvent | NemesisEvent;

/** What a peer writes down, at once, into a file of its own. */
export type PeerEvent = { readonly at: number; readonly who: string } & (
  | {
      /** A session was opened, or renewed: the answer came. */
      readonly type: 'opened' | 'renewed';
      readonly session: string;
      /** When it was asked for. */
      readonly sent: number;
      /** As granted, in milliseconds. */
      readonly ttl: number;
    }
  | {
      /** The store has answered to a claim. */
      readonly type: 'claimed';
      readonly session: string;
      readonly tokens: Readonly<Record<string, number>>;
    }
  | {
      /** The store is about to be asked to let go. */
      readonly type: 'released';
      readonly tokens: Readonly<Record<string, number>>;
    }
  | {
      /** A participant is told to serve. `held`: assertHeld, right after `at`, did not object. */
      readonly type: 'serve';
      readonly volume: string;
      readonly token: number;
      readonly held: boolean;
    }
  | {
      /** The last participant has let go. */
      readonly type: 'unserved';
      readonly volume: string;
    }
  | {
      /** The gate is closed: these are not the peer's any more. */
      readonly type: 'lost';
      readonly volumes: readonly string[];
      readonly reason: string;
    }
  | {
      /** A request begins to write: the gate, and assertHeld right after `at`, let it pass. */
      readonly type: 'use';
      readonly volume: string;
      readonly token: number;
    }
);

/** What the resource writes down of each write that arrives. */
export interface ResourceEvent {
  readonly at: number;
  readonly type: 'written';
  readonly who: string;
  readonly volume: string;
  readonly token: number;
  readonly accepted: boolean;
}

/** What whoever makes the trouble writes down, before it does it. */
export type NemesisEvent = { readonly at: number } & (
  | { readonly type: 'fault'; readonly what: string }
  | {
      /** An operator ends a session: whoever has it is told later. */
      readonly type: 'revoked';
      readonly session: string;
    }
  | {
      /** An operator deletes or overwrites the key of a claim. */
      readonly type: 'taken';
      readonly volume: string;
      readonly token: number;
    }
  | {
      /** A configuration that gives volumes to a peer is written. */
      readonly type: 'moved';
      readonly volumes: readonly string[];
      readonly to: string;
    }
  | { readonly type: 'ended'; readonly who: string }
  | { readonly type: 'healed' }
  /** What is otherwise than configured, told when it changes. */
  | { readonly type: 'obstacle'; readonly what: string }
  | { readonly type: 'converged' }
);

/** The monotonic clock of the machine, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
