import type { ConfMap } from '@nestjs-transitions/conf';
import {
  checkConfiguration,
  type Configuration,
} from './configuration/configuration.js';
import { Conductor } from './conductor.js';
import type { CoordinatorPorts } from './coordinator-ports.js';
import { PreemptedByDownError, TransitionStateError } from './model/errors.js';
import type { ReloadRequest } from './transition/job-queue.js';
import type { Participant } from './model/participant.js';
import type { TransitionReport } from './report/report.js';
import { waitedFor } from './report/waiting.js';
import { snapshotOf, type TransitionsSnapshot } from './state/snapshot.js';
import type { Step } from './model/step.js';
import { reset } from './transition/bring-into-force.js';
import { rejectedDryRun, type DryRunReport } from './transition/dry-run.js';
import { resetReason, type ResetTarget } from './transition/reset.js';
import type { HeldVolume } from './leases/lease-books.js';
import { LeaseStoreNotFoundError } from './leases/lease-store-not-found.error.js';
import {
  describePlan,
  type TransitionPlan,
} from './transition/plan-description.js';

/**
 * Runs transitions one at a time over the real state: a boot, then reloads and
 * resets as they are asked for, and a Down that pre-empts them. Every promise
 * it returns resolves with a report, whatever the outcome; only what the
 * present state forbids rejects.
 */
export class Coordinator {
  private goingDown: Promise<TransitionReport> | undefined;
  private readonly conductor: Conductor;

  constructor(participants: readonly Participant[], ports: CoordinatorPorts) {
    this.conductor = new Conductor(participants, ports);
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.conductor.engine.inForce.configuration;
  }

  /**
   * The configuration that a transition brings into force, or undoes, or that a
   * reload which a loss has pre-empted goes on to; undefined while none does.
   */
  get coming(): Configuration | undefined {
    return this.conductor.engine.inForce.coming;
  }

  /**
   * Up, and all participants hold what the configuration in force says, and
   * nothing else; with `readyWhenPartial` but for what is set aside. With leases:
   * there is a session, and what is free can be claimed.
   */
  get isHealthy(): boolean {
    const { state, settings, serving } = this.conductor.engine;
    if (this.conductor.lifecycle !== 'up' || state.isDegraded) return false;
    if (serving?.isWell === false) return false;
    return state.failures.isEmpty || settings.readyWhenPartial;
  }

  /** A transition runs, or a reload waits to run or to go on; a dry run is none. */
  get isChanging(): boolean {
    const { runner, jobs, superseder, leased } = this.conductor;
    const isDry = runner.running?.isDry ?? true;
    const hasReload = jobs.hasReload || superseder.isChecking;
    return !isDry || hasReload || leased.isToGoOn;
  }

  /** Whether leases say who may serve a volume. */
  get hasLeases(): boolean {
    return this.conductor.engine.serving !== undefined;
  }

  /**
   * With leases: how this process holds a volume at this very moment; undefined
   * where it does not. A look at the clocks.
   */
  leaseOf(volumeName: string): HeldVolume | undefined {
    return this.conductor.engine.serving?.held(volumeName);
  }

  /**
   * An operator says that another store of leases than before is to be used.
   *
   * @throws LeaseStoreNotFoundError unless it was found
   */
  confirmLeaseStore(storeId: string): void {
    const { serving } = this.conductor.engine;
    if (serving === undefined) throw new LeaseStoreNotFoundError(storeId);
    serving.confirmStore(storeId);
  }

  /** The call comes from inside a callback. */
  get isInside(): boolean {
    return this.conductor.guard.isInside();
  }

  /** The callbacks in flight. */
  get inFlight(): readonly Step[] {
    return this.conductor.runner.running?.runner.inFlight ?? [];
  }

  /** Whether a volume has failed, and not all participants have let go of it: nobody is to be let in. */
  isFailing(volumeName: string): boolean {
    return this.conductor.trouble.isFailing(volumeName);
  }

  /** The boot. @throws TransitionStateError unless nothing has happened yet. */
  async up(request: ReloadRequest): Promise<TransitionReport> {
    this.conductor.refuseInside('up');
    if (this.conductor.lifecycle !== 'idle') {
      throw new TransitionStateError(
        'up',
        this.conductor.lifecycle,
        'a process goes up once',
      );
    }
    this.conductor.lifecycle = 'goingUp';
    const report = await this.conductor.offer('up', request);
    void this.conductor.drain();
    return report;
  }

  /**
   * A reload, which waits for what runs and shares its run with others that wait;
   * one that is to supersede takes over from the reload that runs.
   */
  async signaled(request: ReloadRequest): Promise<TransitionReport> {
    this.conductor.refuseInside('a reload');
    if (this.conductor.isOver) return this.conductor.refusal(request.reason);
    const report = this.conductor.soon(
      this.conductor.jobs.addReload(request, {
        run: (covered) =>
          this.conductor.trouble.follow(
            covered,
            this.conductor.offer('signaled', covered),
          ),
        refuse: ({ reason }) => this.conductor.refusal(reason),
      }),
    );
    this.conductor.superseder.consider(this.conductor.runner.running);
    return report;
  }

  /**
   * Forgets what is recorded against a volume, a group or a participant: its
   * unknown callbacks are taken as not done. Brings that volume, or that group with
   * its volumes, and nothing else from what is really held to what the
   * configuration in force says; what a participant holds is left to the next
   * reload.
   */
  async reset(target: ResetTarget): Promise<TransitionReport> {
    this.conductor.refuseInside('reset');
    const reason = resetReason(target);
    if (this.conductor.isOver) return this.conductor.refusal(reason);
    return this.conductor.soon(
      this.conductor.jobs.add(target, {
        run: () =>
          this.conductor.run('signaled', reason, (transition) =>
            reset(transition, target),
          ),
        refuse: () => this.conductor.refusal(reason),
      }),
    );
  }

  /**
   * A volume broke while it was served. It is shut at once; then, in its turn, its
   * participants let go of it, in reverse order, and it is set aside, whatever
   * `onFailure` says, and tried again.
   *
   * It waits for what runs; where nobody serves the volume after that, nothing is
   * left to do (`unchanged`). Where the module goes down it is shut, and left to
   * the Down (`rejected`). What is unknown about it is waited for. Volumes that
   * fail before it is their turn, and whoever fails one again, share one report.
   *
   * @throws ReentrantTransitionError inside a callback about that volume.
   * @throws TransitionStateError where nobody serves it.
   */
  fail(volumeName: string, error: unknown): Promise<TransitionReport> {
    return this.conductor.trouble.fail(volumeName, error);
  }

  /** What a reload would do now, every check included. It waits for its turn as a reload does. */
  async dryRun(request: ReloadRequest): Promise<DryRunReport> {
    this.conductor.refuseInside('a dry run');
    const refuse = (): DryRunReport =>
      rejectedDryRun(this.conductor.refusal(request.reason));
    if (this.conductor.isOver) return refuse();
    return this.conductor.soon(
      this.conductor.jobs.add(request, {
        run: () => this.conductor.runner.beginDry(request),
        refuse,
      }),
    );
  }

  /**
   * A Down is about to come: reloads and resets that wait, or are asked for from
   * now on, are rejected. What runs goes on, and losses of leases are told.
   */
  retire(): void {
    this.conductor.retiring = true;
    this.conductor.trouble.stop();
    this.conductor.refuseWaiting();
  }

  /**
   * Takes everything down, pre-empting what runs. Always finishes, within
   * `shutdownTimeout` as far as callbacks let the process run at all. Every
   * call gets the first one's report. Reloads that wait, or are asked for from
   * now on, are rejected at once.
   */
  down(reason: string): Promise<TransitionReport> {
    return (this.goingDown ??= this.goDown(reason));
  }

  /**
   * What a configuration would do if it were applied now. Schemas are not asked.
   *
   * @throws ConfigurationError
   */
  plan(confMap: ConfMap): TransitionPlan {
    const { configuration: from } = this;
    const kind = from === undefined ? 'up' : 'signaled';
    const to = checkConfiguration(confMap, 0, from);
    return describePlan(kind, this.conductor.engine.state, to);
  }

  /** What really is, step by step, while a transition runs too. */
  snapshot(): TransitionsSnapshot {
    const { state, clock, serving } = this.conductor.engine;
    return {
      lifecycle: this.conductor.lifecycle,
      busy: this.conductor.runner.running !== undefined,
      running: this.conductor.runner.running?.now(),
      ...snapshotOf(
        state,
        this.conductor.runner.statesNow(),
        this.configuration,
        clock.now(),
      ),
      waiting: waitedFor(serving?.waiting ?? []),
      session: serving?.session,
      retries: this.conductor.trouble.pending,
      lastReport: this.conductor.runner.lastReport,
      refused: this.conductor.refused,
    };
  }

  private async goDown(reason: string): Promise<TransitionReport> {
    const { clock, settings } = this.conductor.engine;
    const deadline = clock.now() + settings.shutdownTimeout;
    this.conductor.lifecycle = 'goingDown';
    this.conductor.trouble.stop();
    this.conductor.refuseWaiting();
    this.conductor.runner.running?.stop(new PreemptedByDownError());
    await this.conductor.superseder.stop();
    await this.conductor.runner.lastEnd;
    return this.conductor.goDown(reason, deadline);
  }
}
