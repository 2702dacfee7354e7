import type { ConfMap } from '@nestjs-transitions/conf';
import {
  callbackNames,
  Coordinator,
  defaultSettings,
  LeaseKeeper,
  openGuard,
  type CallbackName,
  type LeaseListener,
  type Participant,
  type ReloadRequest,
  type ResetTarget,
  type TransitionCallbacks,
  type TransitionEvent,
  type TransitionReport,
  type TransitionSettings,
  type TransitionsSnapshot,
} from 'nestjs-transitions/core';
import type { AllCallbacks } from '../call-log.js';
import { FaultPlan, faulty } from '../faulty.js';
import { MemoryLeaseStore } from '../leases/memory-lease-store.js';
import { MemoryServingLeases } from '../leases/memory-serving-leases.js';
import { InvariantMonitor } from '../monitor/invariant-monitor.js';
import { TestGate } from '../test-gate.js';
import { VirtualClock } from '../virtual-clock.js';

/** A bug, between what runs the transitions and those who watch. */
export interface Mutant {
  readonly calls?: (
    right: AllCallbacks,
    participant: string,
  ) => TransitionCallbacks;
  readonly events?: (event: TransitionEvent) => readonly TransitionEvent[];
  readonly snapshot?: (right: TransitionsSnapshot) => TransitionsSnapshot;
  readonly isReady?: (right: boolean) => boolean;
  readonly request?: (right: ReloadRequest) => ReloadRequest;
  /** What the gate does with a volume that has failed. */
  readonly shut?: (
    right: (volumeName: string) => void,
  ) => (volumeName: string) => void;
  readonly isFailing?: (right: boolean) => boolean;
}

/** What a bug is tried in. */
export interface MutatedWorld {
  readonly settings?: Partial<TransitionSettings>;
  /** The callbacks that participants lack, by their name. Default: none. */
  readonly lacking?: Readonly<Record<string, readonly CallbackName[]>>;
  /** A gate stands behind the participants. */
  readonly withGate?: boolean;
  /** Each callback takes a millisecond. Default: none. */
  readonly isSlow?: boolean;
  /** Volumes are served under leases. */
  readonly withLeases?: boolean;
}

/** Transitions over participants p1 and p2, with a bug in between; the monitor is to find it. */
export class MutatedRun {
  readonly clock = new VirtualClock();
  readonly faults = new FaultPlan(this.clock);
  readonly store = new MemoryLeaseStore({ clock: this.clock });
  private readonly monitor: InvariantMonitor;
  private readonly coordinator: Coordinator;

  private readonly gate = new TestGate();

  constructor(
    private readonly mutant: Mutant,
    { settings: given, ...world }: MutatedWorld = {},
  ) {
    const settings = { retry: false as const, ...given };
    this.monitor = new InvariantMonitor(settings);
    const { shut = (same) => same, isFailing = (same) => same } = mutant;
    const { events = (event) => [event] } = mutant;
    this.coordinator = new Coordinator(this.participants(world), {
      settings: { ...defaultSettings, ...settings },
      clock: this.clock,
      random: () => 0.5,
      shut: shut((name) => this.gate.shut(name)),
      guard: openGuard,
      leases: world.withLeases
        ? (owner, listener) => this.leasesOf(owner, listener)
        : undefined,
      sink: {
        emit: (event) =>
          events(event).forEach((seen) => this.monitor.onEvent(seen)),
        wantsSteps: () => false,
      },
    });
    this.gate.isFailing = (name) => isFailing(this.coordinator.isFailing(name));
  }

  /** The numbers of the invariants that did not hold. */
  get violated(): ReadonlySet<string> {
    return new Set(this.monitor.violations.map(({ invariant }) => invariant));
  }

  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.settled(
      this.coordinator.up({ load: () => confMap, reason: 'test' }),
    );
  }

  /** Reloads, all asked for at once. */
  async signaled(
    ...requests: readonly (ConfMap | { confMap: ConfMap; force: boolean })[]
  ): Promise<void> {
    const { request: mutate = (right) => right } = this.mutant;
    const asked = requests.map(async (given) => {
      const { confMap, force } =
        'confMap' in given ? given : { confMap: given, force: false };
      const right = { load: () => confMap, reason: 'test', force };
      const report = await this.coordinator.signaled(mutate(right));
      this.monitor.answered({ force }, report);
    });
    await this.settled(Promise.all(asked));
  }

  /** A reload, and inside a call of it another that supersedes it. */
  async superseded(
    first: ConfMap,
    newer: ConfMap,
    inCall: number,
  ): Promise<void> {
    const ask = (confMap: ConfMap, supersede: boolean) =>
      this.coordinator.signaled({
        load: () => confMap,
        reason: 'test',
        supersede,
      });
    let asked: Promise<TransitionReport> | undefined;
    this.faults.duringCall(inCall, () => {
      asked = ask(newer, true);
    });
    await this.clock.settle(ask(first, false));
    await this.settled(asked!);
  }

  reset(target: ResetTarget): Promise<TransitionReport> {
    return this.settled(this.coordinator.reset(target));
  }

  fail(volumeName: string): Promise<TransitionReport> {
    return this.settled(this.coordinator.fail(volumeName, new Error('broken')));
  }

  down(): Promise<TransitionReport> {
    return this.settled(this.coordinator.down('test'));
  }

  confirmStore(storeId: string): void {
    this.coordinator.confirmLeaseStore(storeId);
  }

  served(participant: string): readonly string[] {
    const { participants } = this.coordinator.snapshot();
    return participants.find(({ name }) => name === participant)!.served;
  }

  /** Lets time pass, then compares. */
  async wait(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    const { snapshot = (same) => same, isReady = (same) => same } = this.mutant;
    const { coordinator } = this;
    this.monitor.compare(
      snapshot(coordinator.snapshot()),
      isReady(coordinator.isHealthy),
    );
  }

  private leasesOf(owner: string, listener: LeaseListener): LeaseKeeper {
    const { clock, store } = this;
    const leases = new MemoryServingLeases({ store, ttl: 10_000, clock });
    const wallClock = (): number => clock.now();
    const ports = { leases, clock, wallClock, random: () => 0.5 };
    return new LeaseKeeper(ports, { owner }, listener);
  }

  private aMoment(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.startTimer(resolve, 1);
    });
  }

  private async settled<T>(running: Promise<T>): Promise<T> {
    const outcome = await this.clock.settle(running);
    await this.wait(0);
    return outcome;
  }

  private participants({
    lacking = {},
    withGate,
    isSlow,
  }: MutatedWorld): Participant[] {
    const watched = ['p1', 'p2'].map((name): [string, TransitionCallbacks] => {
      const has = callbackNames.filter(
        (each) => !lacking[name]?.includes(each),
      );
      const callbacks = Object.fromEntries(
        has.map((each) => [each, isSlow ? () => this.aMoment() : () => {}]),
      );
      return [
        name,
        this.monitor.watch(name, faulty(name, callbacks, this.faults)),
      ];
    });
    if (withGate) {
      const { gate } = this;
      const lets = (name: string): boolean => gate.isOpen(name);
      const callbacks = this.monitor.watchGate('gate', gate.callbacks, lets);
      watched.push(['gate', callbacks]);
    }
    return watched.map(([name, right], order) => ({
      name,
      order,
      callbacks: {
        ...right,
        ...this.mutant.calls?.(right as AllCallbacks, name),
      },
      concurrency: 1,
      timeout: undefined,
    }));
  }
}
