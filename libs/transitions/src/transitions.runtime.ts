import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { ConfMap } from '@nestjs-transitions/conf';
import { findConfigService } from './config/config-service.js';
import { ConfigServiceConfSource } from './config/config-service.conf-source.js';
import { publishToConfigService } from './config/config-service.publisher.js';
import type { Configuration } from './core/configuration/configuration.js';
import type { TransitionCallbacks } from './core/model/callbacks.js';
import { Coordinator } from './core/coordinator.js';
import { TransitionStateError } from './core/model/errors.js';
import type { ReloadRequest } from './core/transition/job-queue.js';
import type { LoadRequest } from './core/configuration/loading.js';
import type {
  Participant,
  ParticipantOptions,
} from './core/model/participant.js';
import type { TransitionReport } from './core/report/report.js';
import { defaultSettings } from './core/transition/settings.js';
import type { Lifecycle, TransitionsSnapshot } from './core/state/snapshot.js';
import type { TransitionPlan } from './core/report/plan-description.js';
import { EventStream } from './ports/event-stream.js';
import { TransitionLog } from './logging/transition.log.js';
import { LoggerParticipant } from './participants/logger.participant.js';
import { ParticipantExplorer } from './participants/participant.explorer.js';
import { ParticipantRegistry } from './participants/participant.registry.js';
import { formatPhaseTable } from './participants/phase-table.js';
import { AsyncReentrancyGuard } from './ports/reentrancy-guard.js';
import { systemClock } from './ports/system-clock.js';
import { TRANSITIONS_OPTIONS } from './options/transitions.module-definition.js';
import {
  completeOptions,
  normalizeOptions,
  type NormalizedOptions,
  type TransitionsModuleOptions,
} from './options/transitions.options.js';

/**
 * What stands behind the public services: the participants, found and
 * registered, and the coordinator that runs them.
 */
@Injectable()
export class TransitionsRuntime {
  private readonly logger = new Logger('Transitions');
  private normalized: NormalizedOptions | undefined;
  readonly events = new EventStream((thrown) =>
    this.logger.error('A listener of transition events threw', thrown),
  );
  private readonly logging = new LoggerParticipant();
  private readonly registry: ParticipantRegistry;
  private coordinator: Coordinator | undefined;
  /** The boot, once somebody has asked for it. */
  boot: Promise<TransitionReport> | undefined;
  /**
   * Called for each reload and reset, in the stack of who asks for it, with what
   * settles when it is over.
   */
  onAsked: (report: Promise<TransitionReport>) => void = () => {};
  private retiring = false;
  /** Reloads that were asked for before there was anything to reload. */
  private readonly early: (() => void)[] = [];

  constructor(
    @Inject(TRANSITIONS_OPTIONS)
    private readonly given: TransitionsModuleOptions,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {
    this.registry = new ParticipantRegistry(new ParticipantExplorer(modules));
    const log = new TransitionLog(this.logger);
    this.events.listen((event) => log.write(event));
    this.register('Logger', this.logging, { order: -Infinity });
  }

  /** Known from onModuleInit on, when the application's ConfigService is there. */
  get options(): NormalizedOptions {
    if (this.normalized !== undefined) return this.normalized;
    const config = findConfigService(this.modules);
    const options = normalizeOptions(completeOptions(this.given, config));
    if (config !== undefined) {
      publishToConfigService(config, this.events, () => this.configuration);
      if (options.source instanceof ConfigServiceConfSource) {
        options.source.bind(config);
      }
    }
    return (this.normalized = options);
  }

  /** How a configuration is had from the source. */
  get fromSource(): Required<LoadRequest> {
    const { source } = this.options;
    return {
      load: (signal) => source.load(signal),
      source: source.describe(),
    };
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.coordinator?.configuration;
  }

  /** The one that a transition brings into force, or undoes; undefined while none does. */
  get coming(): Configuration | undefined {
    return this.coordinator?.coming;
  }

  /** Where the module is. */
  get lifecycle(): Lifecycle {
    if (this.coordinator === undefined) return 'idle';
    // A snapshot would name every volume.
    if (this.coordinator.isHealthy) return 'up';
    return this.coordinator.snapshot().lifecycle;
  }

  /** See `TransitionsService.isReady`. */
  get isReady(): boolean {
    return !this.retiring && (this.coordinator?.isHealthy ?? false);
  }

  /** Not ready from now on; resolves after the time that load balancers need to notice. */
  async retire(): Promise<void> {
    this.retiring = true;
    // A boot that is overtaken is not ready anyway, and must not finish.
    if (this.lifecycle !== 'up') return;
    const { lameduck } = this.options;
    if (lameduck > 0) await setTimeout(lameduck);
  }

  register(
    name: string,
    callbacks: TransitionCallbacks,
    options?: ParticipantOptions,
  ): void {
    if (this.coordinator !== undefined) {
      throw new TransitionStateError(
        `register(${name})`,
        this.lifecycle,
        'participants must be there before the first callback',
      );
    }
    this.registry.add(name, callbacks, options);
  }

  /** @throws ParticipantError when the participants cannot be run. */
  up(request: ReloadRequest): Promise<TransitionReport> {
    const boot = this.bringUp(request);
    this.boot ??= boot;
    return boot;
  }

  signaled(request: ReloadRequest): Promise<TransitionReport> {
    return this.ask((coordinator) => coordinator.signaled(request));
  }

  reset(volumeName: string): Promise<TransitionReport> {
    return this.ask((coordinator) => coordinator.reset(volumeName));
  }

  /** Down before up: nothing is there to take down, and up is refused from then on. */
  async down(reason: string): Promise<TransitionReport> {
    this.coordinator ??= this.idleCoordinator();
    const down = this.coordinator.down(reason);
    this.releaseEarly();
    const report = await down;
    await this.logging.release();
    return report;
  }

  plan(confMap: ConfMap): TransitionPlan {
    const coordinator =
      this.coordinator ??
      this.coordinatorOf(this.registry.ordered().participants);
    return coordinator.plan(confMap);
  }

  snapshot(): TransitionsSnapshot {
    return (this.coordinator ?? this.idleCoordinator()).snapshot();
  }

  private ask(
    what: (coordinator: Coordinator) => Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const report = this.coordinatorIsThere().then(() =>
      what(this.coordinator!),
    );
    this.onAsked(report);
    return report;
  }

  /** Resolves when participants can no longer be added. */
  private coordinatorIsThere(): Promise<void> {
    if (this.coordinator !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.early.push(resolve);
    });
  }

  private releaseEarly(): void {
    for (const resolve of this.early.splice(0)) resolve();
  }

  private async bringUp(request: ReloadRequest): Promise<TransitionReport> {
    this.coordinator ??= this.makeCoordinator();
    const up = this.coordinator.up(request);
    this.releaseEarly();
    const report = await up;
    // Where the boot was rolled back.
    await this.logging.release();
    return report;
  }

  private makeCoordinator(): Coordinator {
    const { participants, warnings } = this.registry.ordered();
    for (const warning of warnings) this.logger.warn(warning);
    this.logger.log(`Participants:\n${formatPhaseTable(participants)}`);
    return this.coordinatorOf(participants);
  }

  // For an application that is closed because its options make no sense, too.
  private idleCoordinator(): Coordinator {
    return this.coordinatorOf([], defaultSettings);
  }

  private coordinatorOf(
    participants: readonly Participant[],
    settings = this.options.settings,
  ): Coordinator {
    return new Coordinator(participants, {
      settings,
      clock: systemClock,
      sink: this.events,
      guard: new AsyncReentrancyGuard(),
    });
  }
}
