import type {
  HeldVolume,
  LossReason,
  WaitingVolume,
} from 'nestjs-transitions/core';
import type { Bugs } from './bugs.js';
import type { Chance } from './chance.js';
import type { Machine } from './machine.js';
import type { Link } from './network.js';
import type { SimulatedStore } from './store.js';

/** Which peer has each volume. */
export interface Configuration {
  readonly version: number;
  readonly peerOf: ReadonlyMap<string, string>;
}

/** What the laws look at of a process. */
export interface JudgedPeer {
  readonly name: string;
  readonly machine: Machine;
  /** What its participant was told to serve and has not let go of, with the token. */
  readonly told: ReadonlyMap<string, bigint>;
  readonly waiting: readonly WaitingVolume[];
  /** Whether it would let a request in at this moment. */
  letsIn(volume: string): boolean;
  /** When the last answered renewal of one of its sessions was sent, by its monotonic clock. */
  renewedAt(session: string): number | undefined;
}

/** What parts of the simulation know of all the rest. */
export interface World {
  readonly bugs: Bugs;
  readonly chance: Chance;
  readonly store: SimulatedStore;
  readonly ttl: number;
  readonly configuration: Configuration;
  /** The processes that live, stopped ones too. */
  readonly peers: readonly JudgedPeer[];
  /** How many volumes were lost. */
  readonly losses: number;
  linkOf(machine: Machine): Link;
  trace(line: string): void;
  /** A law is broken: the run ends. */
  fail(what: string): void;
  /** A participant is about to be told to serve. */
  serves(peer: JudgedPeer, claimed: HeldVolume): void;
  /** A request has passed its check, and writes. */
  write(peer: JudgedPeer, volume: string, token: bigint): void;
  noteLoss(
    peer: JudgedPeer,
    volumes: readonly string[],
    reason: LossReason,
  ): void;
  /** A process went down in order. */
  exited(machine: Machine): void;
}
