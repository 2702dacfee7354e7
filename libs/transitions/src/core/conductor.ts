import type { Configuration } from './configuration/configuration.js';
import type { CoordinatorPorts } from './coordinator-ports.js';
import type { ReentrancyGuard } from './guard.js';
import { makeEngine } from './make-engine.js';
import {
  ReentrantTransitionError,
  TransitionStateError,
} from './model/errors.js';
import type { Participant } from './model/participant.js';
import { ReportDraft } from './report/report-draft.js';
import type { TransitionReport } from './report/report.js';
import { keepStandby } from './standby.js';
import type { Lifecycle, ReportSummary } from './state/snapshot.js';
import type { Course } from './transition/course.js';
import { bringIntoForce, takeOver } from './transition/bring-into-force.js';
import type { Engine } from './transition/engine.js';
import { JobQueue, type ReloadRequest } from './transition/job-queue.js';
import { takeDown } from './transition/take-down.js';
import { Superseder } from './transition/superseder.js';
import type { Transition } from './transition/transition.js';
import { TransitionRunner } from './transition-runner.js';
import { LeasedVolumes } from './trouble/leased-volumes.js';
import { Trouble, type TroublePorts } from './trouble/trouble.js';

/**
 * What is asked for waits for its turn, goes on with what another has begun, or is
 * refused. What may be asked of it, and when, the Coordinator says.
 */
export class Conductor {
  lifecycle: Lifecycle = 'idle';
  /** A Down is about to come: what runs goes on, and nothing else does but losses. */
  retiring = false;
  /** Of the last boot or reload, where it was refused. */
  refused: ReportSummary | undefined;
  readonly jobs: JobQueue;
  readonly engine: Engine;
  readonly guard: ReentrancyGuard;
  readonly superseder: Superseder;
  readonly trouble: Trouble;
  readonly leased: LeasedVolumes;
  readonly runner: TransitionRunner;

  constructor(participants: readonly Participant[], ports: CoordinatorPorts) {
    const { guard, random, shut = () => {}, reopen = () => {} } = ports;
    this.engine = makeEngine(participants, ports, {
      settledLate: () => this.runner.settledLate(),
      known: (name) => {
        this.runner.known(name);
        this.leased.known(name);
      },
      lost: (names, reason) =>
        guard.outside(() => this.leased.lose(names, reason)),
      free: (names) => guard.outside(() => this.leased.gain(names)),
    });
    this.guard = guard;
    this.jobs = new JobQueue(this.engine.clock);
    this.runner = new TransitionRunner(this.engine, guard, {
      // One that is to supersede it may wait already.
      begun: (transition) => this.superseder.consider(transition),
      ended: (transition) => this.conclude(transition),
      idle: () => this.lookForTrouble(),
    });
    this.leased = this.makeLeased(shut);
    this.superseder = this.makeSuperseder();
    this.trouble = this.makeTrouble({ random, shut, reopen });
  }

  /** The configuration in force; undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.engine.inForce.configuration;
  }

  soon<T>(job: Promise<T>): Promise<T> {
    void this.drain();
    return job;
  }

  /** Runs what waits, one after the other, while the module is up. */
  async drain(): Promise<void> {
    await this.jobs.drain(() => this.lifecycle === 'up');
    if (this.isOver) this.refuseWaiting();
  }

  /** Nothing runs any more but a Down; until that comes, losses do. */
  refuseWaiting(): void {
    this.jobs.refuse(this.lifecycle === 'up' ? 'not urgent' : 'all');
  }

  /** A Down, by a moment on the clock, once nothing runs any more. */
  async goDown(reason: string, deadline: number): Promise<TransitionReport> {
    await this.leased.letGoBefore(deadline);
    return this.run('down', reason, (transition) =>
      takeDown(transition, deadline),
    );
  }

  /** A boot or a reload, which brings a configuration into force or refuses it. */
  async offer(
    kind: 'up' | 'signaled',
    request: ReloadRequest,
  ): Promise<TransitionReport> {
    return this.leased.rerun(
      () =>
        this.noted(
          this.run(kind, request.reason, (transition) =>
            bringIntoForce(transition, kind, request),
          ),
        ),
      () => this.offerAgain(request),
    );
  }

  run(
    kind: TransitionReport['kind'],
    reason: string,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport> {
    return this.runner.begin(this.runner.prepare(kind, reason), body);
  }

  /** No reload will ever run again. */
  get isOver(): boolean {
    return (
      this.retiring || ['goingDown', 'down', 'failed'].includes(this.lifecycle)
    );
  }

  refusal(reason: string, what = 'a reload'): TransitionReport {
    const { clock } = this.engine;
    const id = this.runner.nextId();
    const draft = new ReportDraft(id, 'signaled', reason, clock);
    const why =
      this.lifecycle === 'failed'
        ? 'the boot failed'
        : 'the module goes down, or is down, and only lets go';
    draft.addError(new TransitionStateError(what, this.state, why));
    return draft.end('rejected', 'old', this.engine.inForce.generation);
  }

  refuseInside(what: string): void {
    if (this.guard.isInside()) throw new ReentrantTransitionError(what);
  }

  /** Keeps what was refused, until something else comes into force. */
  private async noted(
    running: Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const report = await running;
    const { configuration, outcome } = report;
    if (configuration === 'new') this.refused = undefined;
    else if (outcome !== 'superseded') this.refused = this.runner.lastReport;
    return report;
  }

  /** After a loss: a Down may have come meanwhile. */
  private async offerAgain(request: ReloadRequest): Promise<TransitionReport> {
    if (!this.isOver) return this.offer('signaled', request);
    this.engine.inForce.end();
    return this.refusal(request.reason);
  }

  private conclude({ kind }: Transition): void {
    if (!this.leased.isToGoOn) this.engine.inForce.end();
    this.trouble.reopen();
    if (kind === 'down') this.lifecycle = 'down';
    // A Down may have taken over from a boot meanwhile.
    else if (this.lifecycle === 'goingUp') {
      this.lifecycle = this.configuration === undefined ? 'failed' : 'up';
    }
    const volumes = this.configuration?.topology.volumes.size ?? 0;
    this.guard.outside(() => keepStandby(volumes));
  }

  private get state(): Lifecycle | 'retiring' {
    return this.retiring && this.lifecycle === 'up'
      ? 'retiring'
      : this.lifecycle;
  }

  private lookForTrouble(): void {
    if (this.isOver) return;
    this.trouble.look();
    this.guard.outside(() => this.leased.look());
  }

  private makeSuperseder(): Superseder {
    return new Superseder({
      jobs: this.jobs,
      begin: (reason) => this.runner.prepare('signaled', reason),
      inside: (run) => this.guard.run(run),
      accepts: () => !this.isOver,
      refuse: (reason) => this.refusal(reason),
      takeOver: async (own, to, request) =>
        this.lifecycle === 'up'
          ? this.trouble.follow(
              request,
              this.leased.rerun(
                () =>
                  this.noted(
                    this.runner.begin(own, (transition) =>
                      takeOver(transition, to, request),
                    ),
                  ),
                () => this.offerAgain(request),
              ),
            )
          : this.refusal(own.reason),
      proceed: () => void this.drain(),
    });
  }

  private makeTrouble(
    own: Pick<TroublePorts, 'random' | 'shut' | 'reopen'>,
  ): Trouble {
    const { guard } = this;
    return new Trouble(this.engine, {
      ...own,
      outside: (work) => guard.outside(work),
      isServed: (name) => this.runner.isServed(name),
      isInsideOf: (name) => this.runner.isInsideOf(name),
      conductor: {
        inTurn: (run, refuse) =>
          this.isOver
            ? Promise.resolve(refuse())
            : this.soon(this.jobs.add(undefined, { run, refuse })),
        run: (reason, body) => this.run('signaled', reason, body),
        offer: (request) => this.offer('signaled', request),
        refusal: (what, reason) => this.refusal(reason, what),
      },
    });
  }

  private makeLeased(shut: (volumeName: string) => void): LeasedVolumes {
    return new LeasedVolumes(this.engine, {
      shut,
      inTurn: (run, isUrgent) => {
        if (this.isOver && !isUrgent) return;
        const refuse = (): undefined => undefined;
        const runs = { run, refuse };
        void this.soon(this.jobs.add(undefined, runs, { isUrgent }));
      },
      run: (kind, reason, body) => this.run(kind, reason, body),
      running: () => this.runner.running,
      isOver: () => this.isOver,
    });
  }
}
