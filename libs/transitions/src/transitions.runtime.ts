import { Logger } from '@nestjs/common';
import type { ConfMap } from '@nestjs-transitions/conf';
import { OptionsReader } from './config/options.reader.js';
import { publishToConfigService } from './config/publish-to-config-service.js';
import type { Configuration } from './core/configuration/configuration.js';
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
import type { HeldVolume } from './core/leases/lease-books.js';
import { LeaseStoreNotFoundError } from './core/leases/lease-store-not-found.error.js';
import type { DryRunReport } from './core/transition/dry-run.js';
import type { ReloadRequest } from './core/transition/job-queue.js';
import type { ResetTarget } from './core/transition/reset.js';
import type { NormalizedOptions } from './options/transitions.options.js';
import { LoggerParticipant } from './participants/logger.participant.js';
import { ParticipantRegistry } from './participants/participant.registry.js';
import { EventStream } from './ports/event-stream.js';
import { LateCoordinator } from './runtime/late-coordinator.js';
import { requestOf, type SourceRequest } from './sources/source-request.js';
import { Retirement } from './runtime/retirement.js';

/** What else is asked of a reload. */
type Asked = Pick<ReloadRequest, 'force' | 'supersede'>;

/** How this process holds a volume at this very moment; undefined where it does not. */
export type LeaseLookup = (volumeName: string) => HeldVolume | undefined;

/** What stands behind the public services: one way to each part of the module. */
export class TransitionsRuntime {
  private readonly logger = new Logger('Transitions');
  private known: NormalizedOptions | undefined;
  /** The boot, once somebody has asked for it. */
  boot: Promise<TransitionReport> | undefined;
  /**
   * Called for each reload and reset, in the stack of who asks for it, with what
   * settles when it is over.
   */
  onAsked: (report: Promise<TransitionReport>) => void = () => {};
  /** Called when a Down is asked for, before it waits for anything. */
  onDown: () => void = () => {};

  constructor(
    private readonly reader: OptionsReader,
    private readonly registry: ParticipantRegistry,
    private readonly coordinator: LateCoordinator,
    private readonly retirement: Retirement,
    private readonly logging: LoggerParticipant,
    readonly events: EventStream,
  ) {}

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
    if (options.logging) {
      this.registry.addFirst('Logger', this.logging, { order: -Infinity });
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

  /** Whether a transition runs, or a reload waits, that may serve something. */
  get isChanging(): boolean {
    return this.coordinator.current?.isChanging ?? false;
  }

  /** How leases say that a volume is held; undefined where there are none. */
  get leaseOf(): LeaseLookup | undefined {
    const { current } = this.coordinator;
    return current?.hasLeases
      ? (volumeName) => current.leaseOf(volumeName)
      : undefined;
  }

  /** See `TransitionsService.confirmLeaseStore`. */
  confirmLeaseStore(storeId: string): void {
    const { current } = this.coordinator;
    if (current === undefined) throw new LeaseStoreNotFoundError(storeId);
    current.confirmLeaseStore(storeId);
  }

  /** Where the module is. */
  get lifecycle(): Lifecycle {
    return this.coordinator.lifecycle;
  }

  /** See `TransitionsService.isReady`. */
  get isReady(): boolean {
    const { current } = this.coordinator;
    return current?.isHealthy === true && !this.retirement.hasBegun;
  }

  /**
   * Not ready from now on, and nothing is served anew; resolves after the time
   * that load balancers need to notice.
   */
  async retire(): Promise<void> {
    // A boot that is overtaken is not ready anyway, and must not finish.
    const isUp = this.lifecycle === 'up';
    await this.retirement.begin(isUp ? this.options.lameduck : 0);
  }

  /** @throws TransitionStateError once the first callback is due. */
  register(
    name: string,
    callbacks: TransitionCallbacks,
    options?: ParticipantOptions,
  ): void {
    this.coordinator.refuseIfMade(`register(${name})`);
    this.registry.add(name, callbacks, options);
  }

  /**
   * How the source gives a configuration.
   *
   * @throws TransitionsOptionsError
   */
  fromSource(): SourceRequest {
    return requestOf(this.start().source);
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

  /**
   * A reload from the source; before the boot it waits, and says so when a caller
   * is given. Without one nobody waits for its report, and it is tried again.
   */
  async reload(
    reason: string,
    { force = false, supersede = false }: Asked = {},
    caller?: string,
  ): Promise<TransitionReport> {
    const request: ReloadRequest = {
      ...this.fromSource(),
      reason,
      force,
      supersede,
      isUnattended: caller === undefined,
    };
    return this.signaled(request, caller);
  }

  /** The same with a configuration from elsewhere. */
  signaled(request: ReloadRequest, caller?: string): Promise<TransitionReport> {
    const report = this.runSignaled(request, caller);
    this.onAsked(report);
    return report;
  }

  private async runSignaled(
    request: ReloadRequest,
    caller: string | undefined,
  ): Promise<TransitionReport> {
    const coordinator = await this.coordinator.whenAsked(caller);
    // At once, and whatever becomes of the reload: it may be that of logrotate.
    const reopened = this.logging.reopen();
    const report = await coordinator.signaled(request);
    await reopened;
    if (report.outcome === 'rejected' && this.retirement.isUnderWay) {
      const { callbackTimeout } = this.options.settings;
      await this.retirement.consider(request, callbackTimeout);
    }
    return report;
  }

  /** A reset; before the boot it waits. */
  reset(target: ResetTarget): Promise<TransitionReport> {
    const report = this.coordinator
      .whenAsked('reset()')
      .then((coordinator) => coordinator.reset(target));
    this.onAsked(report);
    return report;
  }

  /**
   * A volume broke while it was served. See `TransitionsService.fail`.
   *
   * @throws TransitionStateError, ReentrantTransitionError
   */
  async fail(volumeName: string, error: unknown): Promise<TransitionReport> {
    const coordinator = this.coordinator.current ?? this.coordinator.idle();
    return coordinator.fail(volumeName, error);
  }

  /** Whether a volume has failed, and not all participants have let go of it. */
  isFailing(volumeName: string): boolean {
    return this.coordinator.current?.isFailing(volumeName) ?? false;
  }

  /** Who lets nobody into a volume, once it has failed. */
  set onShut(shut: (volumeName: string) => void) {
    this.coordinator.onShut = shut;
  }

  /** Who lets requests into a volume again that had failed. */
  set onReopened(reopen: (volumeName: string) => void) {
    this.coordinator.onReopened = reopen;
  }

  /** A dry run; before the boot it waits. */
  async dryRun(request: ReloadRequest): Promise<DryRunReport> {
    const coordinator = await this.coordinator.whenAsked('dryRun()');
    return coordinator.dryRun(request);
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
    this.onDown();
    this.coordinator.asked(coordinator);
    const report = await down;
    // What could not be let go is held until the process ends.
    if (report.outcome === 'applied') await this.known?.leases?.close();
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
    const coordinator = this.coordinator.make(this.start());
    const up = coordinator.up(request);
    this.coordinator.asked(coordinator);
    const report = await up;
    if (report.outcome === 'rolledBack' || report.outcome === 'rejected') {
      await this.known?.leases?.close();
    }
    // Where the boot was rolled back, Nest has its own logger again.
    await this.logging.release();
    return report;
  }
}
