import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  CallbackName,
  Clock,
  Coordinator,
  DryRunReport,
  TransitionReport,
  TransitionSettings,
} from 'nestjs-transitions/core';
import { textOf, type Group } from './groups.js';
import type { Counted } from './work-counter.js';

/** What a service is made of. */
export interface ServiceOptions {
  readonly clock: Clock;
  readonly onFailure?: TransitionSettings['onFailure'];
  readonly participants: number;
  readonly callbacks: readonly CallbackName[];
  readonly concurrency?: number;
  readonly maxUnserve?: number;
}

/** Participants that do nothing, and fail or take long where they are told to, and a coordinator over them. */
export class Service {
  /** What each callback does. */
  onCall: (callback: CallbackName) => void | Promise<void> = () => {};
  readonly coordinator: Coordinator;
  private inForce: ConfMap | undefined;

  constructor(
    private readonly counted: Counted,
    { clock, onFailure = 'rollback', ...options }: ServiceOptions,
  ) {
    const { Coordinator, defaultSettings, openGuard } = counted.core;
    const callbacks = Object.fromEntries(
      options.callbacks.map((name) => [name, () => this.onCall(name)]),
    );
    this.coordinator = new Coordinator(
      Array.from({ length: options.participants }, (_, order) => ({
        name: `participant ${order}`,
        order,
        callbacks,
        concurrency: options.concurrency ?? 1,
        timeout: undefined,
      })),
      {
        settings: {
          ...defaultSettings,
          rollbackTimeout: Infinity,
          shutdownTimeout: Infinity,
          onFailure,
          maxUnserve: options.maxUnserve ?? Infinity,
        },
        clock,
        random: () => 0.5,
        guard: openGuard,
        sink: { emit() {}, wantsSteps: () => false },
      },
    );
  }

  up(groups: readonly Group[]): Promise<TransitionReport> {
    return this.offer('up', groups);
  }

  reload(groups: readonly Group[]): Promise<TransitionReport> {
    return this.offer('signaled', groups);
  }

  /** What a reload would do. */
  dryRun(groups: readonly Group[]): Promise<DryRunReport> {
    const load = () => this.parse(groups);
    return this.coordinator.dryRun({ load, reason: 'test' });
  }

  /** A reload whose text was parsed without the configuration in force. */
  reloadForeign(groups: readonly Group[]): Promise<TransitionReport> {
    this.inForce = undefined;
    return this.offer('signaled', groups);
  }

  /** How many callbacks have run out of time and not settled. */
  get unknown(): number {
    return this.coordinator.snapshot().unknown.length;
  }

  down(): Promise<TransitionReport> {
    return this.coordinator.down('test');
  }

  private async offer(
    kind: 'up' | 'signaled',
    groups: readonly Group[],
  ): Promise<TransitionReport> {
    const confMap = this.parse(groups);
    const request = { load: () => confMap, reason: 'test' };
    const report = await this.coordinator[kind](request);
    if (report.configuration === 'new') this.inForce = confMap;
    return report;
  }

  /** As from a file: sections that are as they were are those of the configuration in force. */
  private parse(groups: readonly Group[]): ConfMap {
    const previous = this.inForce;
    return this.counted.conf.ConfMap.parse(
      textOf(groups),
      previous === undefined ? {} : { previous },
    );
  }
}
