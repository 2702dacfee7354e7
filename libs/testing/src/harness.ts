import type { ConfMap } from '@nestjs-transitions/conf';
import {
  Coordinator,
  defaultSettings,
  LeaseKeeper,
  openGuard,
  type DryRunReport,
  type Participant,
  type ReentrancyGuard,
  type ResetTarget,
  type ServingLeases,
  type TransitionCallbacks,
  type TransitionEvent,
  type TransitionReport,
  type TransitionSettings,
  type TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { InvariantMonitor } from './monitor/invariant-monitor.js';
import type { TestGate } from './test-gate.js';
import { VirtualClock } from './virtual-clock.js';

/** A participant of a harness. */
export interface HarnessParticipant {
  readonly name: string;
  /** It lacks those that it is not given. Default: all of them, which do nothing. */
  readonly callbacks?: TransitionCallbacks;
  readonly concurrency?: number;
  readonly timeout?: number;
}

/** What a harness runs. */
export interface HarnessOptions {
  /** In ascending order. */
  readonly participants: readonly HarnessParticipant[];
  /** Stands behind them, as participant `VolumeGate`. Default: none. */
  readonly gate?: TestGate;
  /** Default: as in the library, but nothing is tried again by itself (`retry: false`). */
  readonly settings?: Partial<TransitionSettings>;
  /** Randomness, from 0 to below 1. Default: always the middle. */
  readonly random?: () => number;
  readonly clock?: VirtualClock;
  /**
   * Volumes are served under these leases: those of one peer, such as
   * {@link memoryServingLeases} with the same clock. Default: none.
   */
  readonly leases?: ServingLeases;
  /** Events for every single step are asked for. Default true. */
  readonly steps?: boolean;
  /** Listens to every event; what it throws changes nothing. */
  readonly listener?: (event: TransitionEvent) => void;
  readonly guard?: ReentrancyGuard;
}

/** A reload that is asked for together with others. */
export interface HarnessReload {
  readonly confMap: ConfMap;
  readonly force?: boolean;
  /** Nobody waits for its report: it is tried again where a callback fails. */
  readonly isUnattended?: boolean;
  readonly supersede?: boolean;
}

/**
 * Runs transitions over participants without Nest, without files and without
 * waiting: time is virtual. Every call is watched by an
 * {@link InvariantMonitor}; each of the methods that wait for a transition also
 * compares the snapshot and fails when an invariant did not hold.
 */
export class TransitionsHarness {
  readonly clock: VirtualClock;
  readonly monitor: InvariantMonitor;
  readonly events: TransitionEvent[] = [];
  readonly coordinator: Coordinator;
  /** The monitor itself failed: no check means anything any more. */
  private broken: { readonly cause: unknown } | undefined;

  constructor({ settings: given, clock, guard, ...options }: HarnessOptions) {
    const settings = { ...defaultSettings, retry: false as const, ...given };
    const { gate, leases, random = () => 0.5 } = options;
    this.clock = clock ?? new VirtualClock();
    this.monitor = new InvariantMonitor({ retry: false, ...given });
    this.coordinator = new Coordinator(this.participantsOf(options), {
      settings,
      clock: this.clock,
      random,
      shut: (volumeName) => gate?.shut(volumeName),
      reopen: (volumeName) => gate?.reopen(volumeName),
      guard: guard ?? openGuard,
      sink: {
        emit: (event) => {
          this.events.push(event);
          this.watch(event);
          try {
            options.listener?.(event);
          } catch {
            // As the library guards its listeners.
          }
        },
        wantsSteps: () => options.steps ?? true,
      },
      leases:
        leases &&
        ((owner, listener) =>
          new LeaseKeeper(
            {
              leases,
              clock: this.clock,
              wallClock: () => this.clock.now(),
              random,
            },
            { owner },
            listener,
          )),
    });
    if (gate) gate.isFailing = (name) => this.coordinator.isFailing(name);
  }

  /** Boots with a configuration. */
  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.settle(
      this.coordinator.up({ load: () => confMap, reason: 'test' }),
    );
  }

  /** Reloads with a configuration. */
  async signaled(
    confMap: ConfMap,
    options: { readonly force?: boolean } = {},
  ): Promise<TransitionReport> {
    const [report] = await this.signaledAtOnce({ confMap, ...options });
    return report!;
  }

  /**
   * Asks for several reloads at once: the first one runs, and one more for all
   * the others, which may supersede it. Resolves to the report that each of them gets.
   */
  async signaledAtOnce(
    ...reloads: readonly HarnessReload[]
  ): Promise<readonly TransitionReport[]> {
    const asked = reloads.map(async ({ confMap, ...request }) => {
      const report = await this.coordinator.signaled({
        load: () => confMap,
        reason: 'test',
        ...request,
      });
      this.monitor.answered(request, report);
      return report;
    });
    return this.settle(Promise.all(asked));
  }

  /** What a reload would do now, every check included. */
  dryRun(
    confMap: ConfMap,
    options: { readonly force?: boolean } = {},
  ): Promise<DryRunReport> {
    return this.settle(
      this.coordinator.dryRun({
        load: () => confMap,
        reason: 'test',
        ...options,
      }),
    );
  }

  /** Resets a volume, by its name, a group or a participant. */
  reset(target: ResetTarget): Promise<TransitionReport> {
    return this.settle(this.coordinator.reset(target));
  }

  /** Says that a volume broke while it was served. */
  fail(
    volumeName: string,
    error: unknown = new Error('broken'),
  ): Promise<TransitionReport> {
    return this.settle(this.coordinator.fail(volumeName, error));
  }

  down(): Promise<TransitionReport> {
    return this.settle(this.coordinator.down('test'));
  }

  snapshot(): TransitionsSnapshot {
    return this.coordinator.snapshot();
  }

  /**
   * Lets as much time pass as a transition needs, then compares and checks.
   *
   * @throws InvariantError when an invariant did not hold.
   */
  async settle<T>(transition: Promise<T>): Promise<T> {
    const outcome = await this.clock.settle(transition);
    await this.checkAfter(0);
    return outcome;
  }

  /** Lets time pass, then compares and checks. @throws InvariantError */
  async checkAfter(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    if (this.broken !== undefined) {
      throw new Error('The invariant monitor failed', this.broken);
    }
    const snapshot = this.snapshot();
    const { isHealthy } = this.coordinator;
    if (!snapshot.busy) this.monitor.compare(snapshot, isHealthy);
    this.monitor.check();
  }

  private participantsOf({
    participants,
    gate,
  }: Pick<HarnessOptions, 'participants' | 'gate'>): Participant[] {
    const watched = participants.map((given, order) => ({
      name: given.name,
      order,
      callbacks: this.monitor.watch(given.name, given.callbacks),
      concurrency: given.concurrency ?? 1,
      timeout: given.timeout,
    }));
    if (gate === undefined) return watched;
    const name = 'VolumeGate';
    const lets = (volume: string): boolean => gate.isOpen(volume);
    const callbacks = this.monitor.watchGate(name, gate.callbacks, lets);
    const order = Infinity;
    const last = { name, order, callbacks, concurrency: 1, timeout: undefined };
    return [...watched, last];
  }

  /** A sink must not throw: what the monitor throws is kept for the next check. */
  private watch(event: TransitionEvent): void {
    try {
      this.monitor.onEvent(event);
    } catch (cause) {
      this.broken ??= { cause };
    }
  }
}
