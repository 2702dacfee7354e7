import type { ConfMap } from '@nestjs-transitions/conf';
import {
  Coordinator,
  defaultSettings,
  openGuard,
  type ReentrancyGuard,
  type TransitionCallbacks,
  type TransitionEvent,
  type TransitionReport,
  type TransitionSettings,
  type TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { InvariantMonitor } from './monitor/invariant-monitor.js';
import { VirtualClock } from './virtual-clock.js';

/** A participant of a harness. */
export interface HarnessParticipant {
  readonly name: string;
  /** Default: callbacks that do nothing. */
  readonly callbacks?: TransitionCallbacks;
  readonly concurrency?: number;
  readonly timeout?: number;
}

/** What a harness runs. */
export interface HarnessOptions {
  /** In ascending order. */
  readonly participants: readonly HarnessParticipant[];
  readonly settings?: Partial<TransitionSettings>;
  readonly clock?: VirtualClock;
  /** Events for every single step are asked for. Default true. */
  readonly steps?: boolean;
  /** Listens to every event; what it throws changes nothing. */
  readonly listener?: (event: TransitionEvent) => void;
  readonly guard?: ReentrancyGuard;
}

/**
 * Runs transitions over participants without Nest, without files and without
 * waiting: time is virtual. Every call is watched by an
 * {@link InvariantMonitor}; each of the methods that wait for a transition also
 * compares the snapshot and fails when an invariant did not hold.
 */
export class TransitionsHarness {
  readonly clock: VirtualClock;
  readonly monitor = new InvariantMonitor();
  readonly events: TransitionEvent[] = [];
  readonly coordinator: Coordinator;
  /** The monitor itself failed: no check means anything any more. */
  private broken: { readonly cause: unknown } | undefined;

  constructor({ settings, clock, guard, ...options }: HarnessOptions) {
    this.clock = clock ?? new VirtualClock();
    const participants = options.participants.map((given, index) => ({
      name: given.name,
      order: index,
      callbacks: this.monitor.watch(given.name, given.callbacks),
      concurrency: given.concurrency ?? 1,
      timeout: given.timeout,
    }));
    this.coordinator = new Coordinator(participants, {
      settings: { ...defaultSettings, ...settings },
      clock: this.clock,
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
    });
  }

  /** Boots with a configuration. */
  up(confMap: ConfMap): Promise<TransitionReport> {
    return this.settle(
      this.coordinator.up({ load: () => confMap, reason: 'test' }),
    );
  }

  /** Reloads with a configuration. */
  signaled(
    confMap: ConfMap,
    options: { readonly force?: boolean } = {},
  ): Promise<TransitionReport> {
    return this.settle(
      this.coordinator.signaled({
        load: () => confMap,
        reason: 'test',
        ...options,
      }),
    );
  }

  /** Resets a volume. */
  reset(volumeName: string): Promise<TransitionReport> {
    return this.settle(this.coordinator.reset(volumeName));
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
  async settle(
    transition: Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const report = await this.clock.settle(transition);
    await this.checkAfter(0);
    return report;
  }

  /** Lets time pass, then compares and checks. @throws InvariantError */
  async checkAfter(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    if (this.broken !== undefined) {
      throw new Error('The invariant monitor failed', this.broken);
    }
    const snapshot = this.snapshot();
    if (!snapshot.busy) this.monitor.compare(snapshot);
    this.monitor.check();
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
