import { Inject, Injectable } from '@nestjs/common';
import {
  TransitionsService,
  type Lifecycle,
  type SessionState,
  type TransitionOutcome,
  type VolumeWaitedFor,
} from 'nestjs-transitions';
import { fileServer } from '../options/option.js';
import { fileServerSchema } from '../options/schemas.js';

/** What serves volumes under leases. */
export interface LeasedVolumes {
  /** The fencing token of each volume that is served here. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Injects the `LeasedVolumes`; null without leases. */
export const LEASED_VOLUMES = Symbol('LEASED_VOLUMES');

/** What `/status` answers. */
export interface Status {
  readonly peer: string;
  readonly lifecycle: Lifecycle;
  readonly ready: boolean;
  readonly busy: boolean;
  readonly degraded: boolean;
  /** Of the configuration in force. */
  readonly generation: number;
  /** Where that is not the one of `--conf`: which it is, and why. */
  readonly stale: StaleStatus | null;
  /** The volumes that requests are let into. */
  readonly served: readonly string[];
  /** Null without leases. */
  readonly leases: LeaseStatus | null;
  /** The last transition that ended. */
  readonly last: LastTransition | null;
}

/** How it is with the leases of this peer. */
export interface LeaseStatus {
  /** `open` when the store of leases answers and this peer may serve. */
  readonly session: SessionState['state'];
  /** Why it is not open, where that is known. */
  readonly problem: string | null;
  /** The fencing token of each volume that is served here. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Volumes that the configuration gives to this peer and that it has not got yet. */
  readonly waiting: readonly WaitingStatus[];
}

/** A volume that waits for its lease. */
export interface WaitingStatus {
  readonly volume: string;
  /** The peer that holds it; null where nobody is known. */
  readonly holder: string | null;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** That the last good configuration is in force. */
export interface StaleStatus {
  readonly origin: string;
  readonly errors: readonly string[];
}

/** How a transition ended. */
export interface LastTransition {
  readonly id: number;
  readonly kind: 'up' | 'signaled' | 'down' | 'lost';
  readonly outcome: TransitionOutcome;
  readonly generation: number;
  readonly ms: number;
  readonly errors: readonly string[];
}

/** How this peer is, and whether everybody may read it: `FileServer.StatusPage`. */
@Injectable()
export class PeerStatus {
  private last: LastTransition | null = null;

  constructor(
    private readonly transitions: TransitionsService,
    @Inject(LEASED_VOLUMES) private readonly leased: LeasedVolumes | null,
  ) {
    transitions.events$.subscribe((event) => {
      if (event.type !== 'transitionEnded') return;
      const { id, kind, outcome, generation, durations, errors } = event.report;
      this.last = {
        id,
        kind,
        outcome,
        generation,
        ms: Math.round(durations.total),
        errors: errors.map(({ message }) => message),
      };
    });
  }

  get isStale(): boolean {
    return this.transitions.snapshot().stale !== undefined;
  }

  get isReady(): boolean {
    return this.transitions.isReady;
  }

  /** Whether the configuration in force lets everybody read it. */
  get isPublic(): boolean {
    const { transitions } = this;
    return (
      transitions.confMap !== undefined &&
      transitions.options(fileServer, fileServerSchema).StatusPage
    );
  }

  read(): Status {
    const {
      whoAmI,
      lifecycle,
      busy,
      degraded,
      generation,
      participants,
      stale,
      waiting,
      session,
    } = this.transitions.snapshot();
    const gate = participants.find(({ name }) => name === 'VolumeGate');
    return {
      peer: whoAmI,
      lifecycle,
      ready: this.isReady,
      busy,
      degraded,
      generation,
      stale:
        stale === undefined
          ? null
          : {
              origin: stale.origin,
              errors: stale.errors.map(({ message }) => message),
            },
      served: gate?.served ?? [],
      leases: this.leased && leasesOf(this.leased, waiting, session),
      last: this.last,
    };
  }
}

function leasesOf(
  { tokens }: LeasedVolumes,
  waiting: readonly VolumeWaitedFor[],
  // Before the configuration says which peer this is.
  session: SessionState = { state: 'opening' },
): LeaseStatus {
  return {
    session: session.state,
    problem: problemOf(session),
    tokens,
    waiting: waiting.map(({ volume, holder, since }) => ({
      volume,
      holder: holder ?? null,
      since: new Date(since).toISOString(),
    })),
  };
}

function problemOf(session: SessionState): string | null {
  switch (session.state) {
    case 'unreachable':
      return messageOf(session.error);
    case 'otherStore':
      return `expected the store ${session.expected}, and ${session.found} answers`;
    case 'ended':
      return session.error === undefined ? null : messageOf(session.error);
    case 'opening':
    case 'open':
      return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
