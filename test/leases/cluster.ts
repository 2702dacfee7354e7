import { ConfMap } from '@nestjs-transitions/conf';
import {
  MemoryLeaseStore,
  MemoryServingLeases,
  TransitionsHarness,
  VirtualClock,
} from '@nestjs-transitions/testing';
import type {
  Coordinator,
  TransitionCallbacks,
  TransitionEvent,
  TransitionReport,
  TransitionSettings,
} from 'nestjs-transitions/core';

export const ttl = 10_000;

/** Which peer has which volume; each volume has a group of its own. */
export function conf(
  whoAmI: string,
  placed: Readonly<Record<string, string>>,
): ConfMap {
  const names = Object.keys(placed);
  return ConfMap.fromObject({
    Cluster: { WhoAmI: whoAmI, Peers: ['a', 'b', 'c'] },
    FSGlobals: { VolumeGroupList: names.map((name) => `G-${name}`) },
    ...Object.fromEntries(
      names.flatMap((name) => [
        [
          `VolumeGroup:G-${name}`,
          { VolumeList: name, PrimaryPeer: placed[name]! },
        ],
        [`Volume:${name}`, { Name: name }],
      ]),
    ),
  });
}

/** Peers of one process that share a store of leases, on virtual time. */
export class Cluster {
  readonly clock = new VirtualClock();
  readonly store = new MemoryLeaseStore({ clock: this.clock });
  readonly calls: string[] = [];

  /** With one participant that notes its calls, or with those that are given. */
  peer(
    name: string,
    callbacks: TransitionCallbacks | readonly TransitionCallbacks[] = {},
    settings: Partial<TransitionSettings> = {},
  ): Peer {
    return new Peer(this, name, callbacks, settings);
  }

  /** Runs until a promise settles. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.settle(promise);
  }
}

/** A peer of a cluster. */
export class Peer {
  readonly leases: MemoryServingLeases;
  readonly harness: TransitionsHarness;
  readonly tokens = new Map<string, bigint>();

  constructor(
    { clock, store, calls }: Cluster,
    readonly name: string,
    given: TransitionCallbacks | readonly TransitionCallbacks[],
    settings: Partial<TransitionSettings>,
  ) {
    this.leases = new MemoryServingLeases({ store, ttl, clock });
    const note = (what: string, volume: string): void => {
      calls.push(`${name} ${what} ${volume}`);
    };
    const noting: TransitionCallbacks = {
      serveVolume: (_confMap, volume, context) => {
        note('serve', volume);
        context.assertHeld();
        this.tokens.set(volume, context.fencingToken!);
      },
      unserveVolume: (_confMap, volume, { kind }) =>
        note(kind === 'lost' ? 'lose' : 'unserve', volume),
    };
    const all = isSeveral(given) ? given : [{ ...noting, ...given }];
    this.harness = new TransitionsHarness({
      participants: all.map((callbacks, index) => ({
        name: ['store', 'cache'][index]!,
        callbacks,
      })),
      settings,
      clock,
      leases: this.leases,
    });
  }

  get coordinator(): Coordinator {
    return this.harness.coordinator;
  }

  get events(): readonly TransitionEvent[] {
    return this.harness.events;
  }

  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.harness.up(confMap);
  }

  reload(confMap: ConfMap): Promise<TransitionReport> {
    return this.harness.signaled(confMap);
  }

  /** A reload, or a dry run of one, with whatever loads its configuration. */
  offer(
    what: 'signaled' | 'dryRun',
    load: () => ConfMap,
  ): Promise<Pick<TransitionReport, 'outcome'>> {
    const ended: Promise<Pick<TransitionReport, 'outcome'>> = this.coordinator[
      what
    ]({ load, reason: 'test' });
    return this.harness.settle(ended);
  }

  down(): Promise<TransitionReport> {
    return this.harness.down();
  }
}

function isSeveral(
  given: TransitionCallbacks | readonly TransitionCallbacks[],
): given is readonly TransitionCallbacks[] {
  return Array.isArray(given);
}
