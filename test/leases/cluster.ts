import { ConfMap } from '@nestjs-transitions/conf';
import {
  InvariantMonitor,
  MemoryLeaseStore,
  MemoryServingLeases,
  VirtualClock,
} from '@nestjs-transitions/testing';
import {
  Coordinator,
  defaultSettings,
  LeaseKeeper,
  openGuard,
  type TransitionCallbacks,
  type TransitionEvent,
  type TransitionReport,
  type TransitionSettings,
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
  readonly coordinator: Coordinator;
  readonly events: TransitionEvent[] = [];
  readonly tokens = new Map<string, bigint>();
  readonly monitor: InvariantMonitor;

  constructor(
    private readonly cluster: Cluster,
    readonly name: string,
    given: TransitionCallbacks | readonly TransitionCallbacks[],
    settings: Partial<TransitionSettings>,
  ) {
    const { clock, store, calls } = cluster;
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
    const inForce = { ...defaultSettings, retry: false, ...settings } as const;
    this.monitor = new InvariantMonitor(inForce);
    this.coordinator = new Coordinator(
      all.map((callbacks, index) => {
        const participant = ['store', 'cache'][index]!;
        return {
          name: participant,
          order: index + 1,
          callbacks: this.monitor.watch(participant, callbacks),
          concurrency: 1,
          timeout: undefined,
        };
      }),
      {
        settings: inForce,
        clock,
        random: () => 0.5,
        guard: openGuard,
        sink: {
          emit: (event) => {
            this.monitor.onEvent(event);
            this.events.push(event);
          },
          wantsSteps: () => true,
        },
        leases: (owner, listener) =>
          new LeaseKeeper(
            {
              leases: this.leases,
              clock,
              wallClock: () => clock.now(),
              random: () => 0.5,
            },
            { owner },
            listener,
          ),
      },
    );
  }

  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.cluster.run(
      this.coordinator.up({ load: () => confMap, reason: 'test' }),
    );
  }

  reload(confMap: ConfMap): Promise<TransitionReport> {
    return this.cluster.run(
      this.coordinator.signaled({ load: () => confMap, reason: 'test' }),
    );
  }

  /** A reload, or a dry run of one, with whatever loads its configuration. */
  offer(
    what: 'signaled' | 'dryRun',
    load: () => ConfMap,
  ): Promise<Pick<TransitionReport, 'outcome'>> {
    const ended: Promise<Pick<TransitionReport, 'outcome'>> = this.coordinator[
      what
    ]({ load, reason: 'test' });
    return this.cluster.run(ended);
  }

  /** What the snapshot says, where nothing runs. */
  compareAtRest(): void {
    const snapshot = this.coordinator.snapshot();
    if (snapshot.running !== undefined) return;
    this.monitor.compare(snapshot, this.coordinator.isHealthy);
  }

  down(): Promise<TransitionReport> {
    return this.cluster.run(this.coordinator.down('test'));
  }
}

function isSeveral(
  given: TransitionCallbacks | readonly TransitionCallbacks[],
): given is readonly TransitionCallbacks[] {
  return Array.isArray(given);
}
