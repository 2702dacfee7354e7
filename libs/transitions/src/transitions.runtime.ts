import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ConfMap } from '@nestjs-transitions/conf';
import { OptionsReader } from './config/options.reader.js';
import { publishToConfigService } from './config/publish-to-config-service.js';
import type { Configuration } from './core/configuration/configuration.js';
import type { LoadRequest } from './core/configuration/loading.js';
import type { TransitionCallbacks } from './core/model/callbacks.js';
import {
  ReentrantTransitionError,
  TransitionStateError,
} from './core/model/errors.js';
import { describeStep } from './core/model/step.js';
import type { ParticipantOptions } from './core/model/participant.js';
import type { TransitionPlan } from './core/transition/plan-description.js';
import type { TransitionReport } from './core/report/report.js';
import type { Lifecycle, TransitionsSnapshot } from './core/state/snapshot.js';
import type { DryRunReport } from './core/transition/dry-run.js';
import type { ReloadRequest } from './core/transition/job-queue.js';
import type { ResetTarget } from './core/transition/reset.js';
import { LateCoordinator } from './late-coordinator.js';
import type { NormalizedOptions } from './options/transitions.options.js';
import { LoggerParticipant } from './participants/logger.participant.js';
import { ParticipantRegistry } from './participants/participant.registry.js';
import { EventStream } from './ports/event-stream.js';

/** What stands behind the public services: one way to each part of the module. */
@Injectable()
export class TransitionsRuntime {
  private readonly logger = new Logger('Transitions');
  private known: NormalizedOptions | undefined;
  /** The boot, once somebody has asked for it. */
  boot: Promise<TransitionReport> | undefined;
  private retiring = false;

  constructor(
    @Inject(OptionsReader) private readonly reader: OptionsReader,
    @Inject(ParticipantRegistry) private readonly registry: ParticipantRegistry,
    @Inject(LateCoordinator) private readonly coordinator: LateCoordinator,
    @Inject(LoggerParticipant) private readonly logging: LoggerParticipant,
    @Inject(EventStream) readonly events: EventStream,
  ) {
    this.register('Logger', logging, { order: -Infinity });
  }

  /**
   * The first step, taken in the first onModuleInit (see ProcessLifecycle), or
   * when something is asked for that needs the options even earlier. Taken once.
   *
   * @throws TransitionsOptionsError with everything that makes no sense.
   */
  start(): NormalizedOptions {
    if (this.known !== undefined) return this.known;
    // First, so that nothing else happens with options that make no sense.
    const { options, configService } = this.reader.read();
    // Before the boot, whose configuration is the first that is published.
    if (configService !== undefined) {
      publishToConfigService(
        configService,
        this.events,
        () => this.configuration,
      );
    }
    return (this.known = options);
  }

  /** @throws TransitionStateError before the module has started. */
  get options(): NormalizedOptions {
    if (this.known !== undefined) return this.known;
    throw new TransitionStateError(
      'Reading the options',
      this.lifecycle,
      'they are known from the first onModuleInit on',
    );
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.coordinator.current?.configuration;
  }

  /** The one that a transition brings into force, or undoes; undefined while none does. */
  get coming(): Configuration | undefined {
    return this.coordinator.current?.coming;
  }

  /** Where the module is. */
  get lifecycle(): Lifecycle {
    const { current } = this.coordinator;
    if (current === undefined) return 'idle';
    // A snapshot would name every volume.
    return current.isHealthy ? 'up' : current.snapshot().lifecycle;
  }

  /** See `TransitionsService.isReady`. */
  get isReady(): boolean {
    return !this.retiring && (this.coordinator.current?.isHealthy ?? false);
  }

  /** Not ready from now on; resolves after the time that load balancers need to notice. */
  async retire(): Promise<void> {
    this.retiring = true;
    // A boot that is overtaken is not ready anyway, and must not finish.
    if (this.lifecycle !== 'up') return;
    const { lameduck } = this.options;
    if (lameduck > 0) await setTimeout(lameduck);
  }

  /** @throws TransitionStateError once the first callback is due. */
  register(
    name: string,
    callbacks: TransitionCallbacks,
    options?: ParticipantOptions,
  ): void {
    if (this.coordinator.current !== undefined) {
      throw new TransitionStateError(
        `register(${name})`,
        this.lifecycle,
        'participants must be there before the first callback',
      );
    }
    this.registry.add(name, callbacks, options);
  }

  /**
   * How the source gives a configuration.
   *
   * @throws TransitionsOptionsError
   */
  fromSource(): Required<LoadRequest> {
    const { source } = this.start();
    return {
      load: (signal) => source.load(signal),
      source: source.describe(),
    };
  }

  /**
   * The boot.
   *
   * @throws TransitionsOptionsError, ParticipantError
   */
  up(request: ReloadRequest): Promise<TransitionReport> {
    const boot = this.bringUp(request);
    this.boot ??= boot;
    return boot;
  }

  /** A reload; before the boot it waits. */
  async signaled(request: ReloadRequest): Promise<TransitionReport> {
    return (await this.coordinator.whenAsked()).signaled(request);
  }

  /** A reset; before the boot it waits. */
  async reset(target: ResetTarget): Promise<TransitionReport> {
    return (await this.coordinator.whenAsked()).reset(target);
  }

  /** A dry run; before the boot it waits. */
  async dryRun(request: ReloadRequest): Promise<DryRunReport> {
    return (await this.coordinator.whenAsked()).dryRun(request);
  }

  /** @throws ReentrantTransitionError inside a callback, which a Down would wait for. */
  refuseDownInside(): void {
    if (this.coordinator.current?.isInside) {
      throw new ReentrantTransitionError('down');
    }
  }

  /**
   * Before up there is nothing to take down, and up is refused from then on.
   * Where a callback closes the application, Down says which one it waits for.
   */
  async down(reason: string): Promise<TransitionReport> {
    const coordinator = this.coordinator.makeIdle();
    if (coordinator.isInside) {
      const steps = coordinator.inFlight.map(
        (step) => `${step.participant}.${describeStep(step)}`,
      );
      this.logger.warn(
        `The application is closed inside ${steps.join(', ') || 'a callback'}, for which Down waits until its time is up; let the callback return, and close the application after it`,
      );
    }
    const down = coordinator.down(reason);
    this.coordinator.asked(coordinator);
    const report = await down;
    await this.logging.release();
    return report;
  }

  /**
   * What a configuration would do now.
   *
   * @throws ConfigurationError, TransitionsOptionsError, ParticipantError
   */
  plan(confMap: ConfMap): TransitionPlan {
    return this.coordinator.preview(this.start().settings).plan(confMap);
  }

  /** What really is. */
  snapshot(): TransitionsSnapshot {
    return (this.coordinator.current ?? this.coordinator.idle()).snapshot();
  }

  private async bringUp(request: ReloadRequest): Promise<TransitionReport> {
    const coordinator = this.coordinator.make(this.start().settings);
    const up = coordinator.up(request);
    this.coordinator.asked(coordinator);
    const report = await up;
    // Where the boot was rolled back, Nest has its own logger again.
    await this.logging.release();
    return report;
  }
}
