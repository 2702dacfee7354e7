import { Injectable } from '@nestjs/common';
import {
  TransitionsService,
  type Lifecycle,
  type TransitionOutcome,
} from 'nestjs-transitions';
import { fileServer } from '../options/option.js';
import { fileServerSchema } from '../options/schemas.js';

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
  /** The last transition that ended. */
  readonly last: LastTransition | null;
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

  constructor(private readonly transitions: TransitionsService) {
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
      last: this.last,
    };
  }
}
