import type { HeldVolume, LossReason } from 'nestjs-transitions/core';
import type { Bugs } from './bugs.js';
import { Chance } from './chance.js';
import { Laws } from './laws.js';
import { Machine } from './machine.js';
import { fairWeather, Link, type Weather } from './network.js';
import { longestWrite, PeerProcess } from './peer-process.js';
import { Resource } from './resource.js';
import { SimulatedStore } from './store.js';
import { Timeline, type Action } from './timeline.js';
import type { Configuration, JudgedPeer, World } from './world.js';

export const peerNames: readonly string[] = ['p0', 'p1', 'p2'];
export const volumeNames: readonly string[] = ['A', 'B', 'C', 'D'];

/** What does not change during a run. */
export interface Ground {
  readonly seed: number;
  /** In milliseconds. */
  readonly ttl: number;
  readonly weather: Weather;
  /** By how much clocks may be too fast or too slow, such as 0.05. */
  readonly drift: number;
  /** How fast wall clocks go, by the monotonic ones. */
  readonly wallRate: number;
}

/** Three peers, a store, four volumes, and what happens to them. */
export class Cluster implements World {
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly store: SimulatedStore;
  readonly laws: Laws;
  readonly ttl: number;
  configuration: Configuration = { version: 0, peerOf: new Map() };
  failure: string | undefined;
  losses = 0;
  private readonly machines: readonly Machine[];
  private readonly links = new Map<Machine, Link>();
  private readonly resources = new Map<string, Resource>();
  private readonly running = new Map<Machine, PeerProcess>();
  private readonly known = new Map<Machine, string>();

  constructor(
    ground: Ground,
    readonly bugs: Bugs,
  ) {
    const { seed, ttl, weather, drift, wallRate } = ground;
    this.ttl = ttl;
    this.chance = new Chance(seed);
    const { chance } = this;
    this.timeline = new Timeline(chance);
    this.store = new SimulatedStore(this.timeline, {
      ttl,
      keepsTokens: bugs.storeKeepsTokens ?? false,
      replacesOwnKeys: bugs.storeReplacesOwnKeys ?? false,
      releasesAnyToken: bugs.storeReleasesAnyToken ?? false,
    });
    this.laws = new Laws(this);
    this.store.onEnd = (volume, key, how) => this.laws.ended(volume, key, how);
    this.store.onChange = (change) => {
      for (const { leases } of this.peers) leases.tell(change);
    };
    this.machines = peerNames.map((name) => {
      const rate = 1 + chance.between(-drift, drift);
      return new Machine(this.timeline, name, rate, wallRate);
    });
    for (const machine of this.machines) {
      const link = new Link(this.timeline, chance, machine, this.store);
      link.weather = weather;
      this.links.set(machine, link);
      this.known.set(machine, this.store.storeId);
    }
    for (const volume of volumeNames) {
      const resource = new Resource(volume, !bugs.resourceTakesAnyToken);
      this.resources.set(volume, resource);
    }
    this.configure(
      volumeNames.map((volume) => [volume, chance.oneOf(peerNames)]),
    );
    for (const machine of this.machines) this.boot(machine);
  }

  get peers(): readonly PeerProcess[] {
    return [...this.running.values()];
  }

  /** Writes that a resource turned away. */
  get refused(): number {
    return [...this.resources.values()].reduce(
      (sum, it) => sum + it.refused,
      0,
    );
  }

  get accepted(): number {
    return [...this.resources.values()].reduce(
      (sum, it) => sum + it.accepted,
      0,
    );
  }

  machine(name: string): Machine {
    return this.machines.find((machine) => machine.name === name)!;
  }

  process(name: string): PeerProcess | undefined {
    return this.running.get(this.machine(name));
  }

  linkOf(machine: Machine): Link {
    return this.links.get(machine)!;
  }

  trace(line: string): void {
    this.timeline.trace(line);
  }

  fail(what: string): void {
    this.trace(what);
    this.failure ??= what;
    this.timeline.end();
  }

  noteLoss(
    peer: JudgedPeer,
    volumes: readonly string[],
    reason: LossReason,
  ): void {
    this.losses += volumes.length;
    for (const volume of volumes) this.laws.cutOff(peer, volume);
    this.trace(`${peer.name} lost ${volumes.join()}: ${reason}`);
  }

  boot(machine: Machine): void {
    if (this.running.has(machine)) return;
    if (machine.isStopped) {
      this.timeline.at(machine.stoppedUntil, () => this.boot(machine));
      return;
    }
    this.trace(`${machine.name} boots`);
    const process = new PeerProcess(machine, this, {
      recall: async () => this.known.get(machine),
      remember: async (storeId) => void this.known.set(machine, storeId),
    });
    this.running.set(machine, process);
    this.tell(machine, 0);
  }

  kill(machine: Machine): void {
    const process = this.running.get(machine);
    if (process === undefined) return;
    for (const volume of process.told.keys()) this.laws.cutOff(process, volume);
    this.running.delete(machine);
    this.trace(`${machine.name} is killed`);
    machine.kill();
  }

  /** It is started again. */
  exited(machine: Machine): void {
    this.trace(`${machine.name} exits`);
    this.running.delete(machine);
    machine.kill();
    const pause = this.chance.between(100, 3_000);
    this.timeline.after(pause, () => this.boot(machine));
  }

  /** Peers hear of it one after the other. */
  configure(changes: readonly (readonly [string, string])[], within = 0): void {
    const peerOf = new Map([...this.configuration.peerOf, ...changes]);
    this.configuration = { version: this.configuration.version + 1, peerOf };
    this.trace(`config ${changes.map((change) => change.join('->')).join()}`);
    for (const machine of this.machines) this.tell(machine, within);
  }

  serves(peer: JudgedPeer, claimed: HeldVolume): void {
    this.laws.serves(peer, claimed);
  }

  write(peer: JudgedPeer, volume: string, token: bigint): void {
    this.laws.writes(peer, volume, token);
    const resource = this.resources.get(volume)!;
    const arrive = (): void => {
      const stale = resource.write(peer.name, token);
      if (stale !== undefined) this.fail(stale);
    };
    const send: Action = () => {
      this.timeline.after(this.chance.between(1, longestWrite), arrive);
      return 'quiet';
    };
    // A process may be stopped between its check and what follows from it.
    this.timeline.after(this.chance.between(0, 20), send, peer.machine);
  }

  /** All faults end here. */
  heal(): void {
    this.trace('all is healed');
    for (const machine of this.machines) {
      const link = this.linkOf(machine);
      link.weather = fairWeather;
      link.cutIn = false;
      link.cutOut = false;
      machine.wakeUp();
      const process = this.running.get(machine);
      if (process !== undefined) process.unserveFails = false;
    }
    this.store.heal();
    if (this.laws.isUnconfirmed) this.confirmStore();
    for (const machine of this.machines) this.boot(machine);
    this.configure([]);
  }

  private confirmStore(): void {
    this.laws.beginAgain();
    for (const resource of this.resources.values()) resource.reset();
    for (const machine of this.machines) {
      this.known.set(machine, this.store.storeId);
      this.running.get(machine)?.confirmStore(this.store.storeId);
    }
  }

  private tell(machine: Machine, within: number): void {
    const { configuration } = this;
    const delay = this.chance.between(0, within);
    this.timeline.after(
      delay,
      () => this.running.get(machine)?.reconfigure(configuration),
      machine,
    );
  }
}
