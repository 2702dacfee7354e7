import type { LossReason } from '../leases/lease-ports.js';
import { listed } from '../model/error-text.js';
import { SupersededError } from '../model/errors.js';
import { isServedIn } from '../plan/holdings.js';
import type { TransitionReport } from '../report/report.js';
import { retry } from '../transition/bring-into-force.js';
import type { Engine } from '../transition/engine.js';
import { loseVolumes, lossReason } from '../transition/lose.js';
import type { Transition } from '../transition/transition.js';
import type { Course } from '../transition/course.js';

/** What losses and gains of leases need of who runs the transitions. */
export interface LeasedPorts {
  /** Nobody gets into the volume any more, at once. */
  shut(volumeName: string): void;
  /** Runs something when its turn comes, if that ever does. What is urgent is next. */
  inTurn(run: () => Promise<unknown>, isUrgent?: boolean): void;
  /** Runs a transition now: the turn has come. */
  run(
    kind: 'lost' | 'signaled',
    reason: string,
    body: (transition: Transition) => Promise<Course>,
  ): Promise<TransitionReport>;
  /** The transition that runs. */
  running(): Transition | undefined;
  /** The module goes down, or is about to: nothing is claimed again. */
  readonly isOver: () => boolean;
}

// Of the time that a Down has: what is lost may use so much of it.
const shareOfDown = 0.5;

/**
 * What comes of the leases of this process by itself: volumes that are lost, and
 * volumes that were waited for and are free. Each is a small transition for all
 * volumes that it concerns. A loss pre-empts the reload that runs, which goes on
 * after it from what is held; a boot, a reset and what is undoing are let finish,
 * and serve nothing that is lost.
 */
export class LeasedVolumes {
  private lost = new Set<string>();
  private free = new Set<string>();
  /** Free too, but somebody had not let go of them when they were to be served. */
  private readonly kept = new Set<string>();
  /** What is held of these has become known, which was not after a callback ran out of time. */
  private readonly knownAgain = new Set<string>();
  private preempted: Transition | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly ports: LeasedPorts,
  ) {
    engine.state.lost = this.lost;
  }

  /** Whether a reload was pre-empted, and its second run has not begun. */
  get isToGoOn(): boolean {
    return this.preempted !== undefined;
  }

  /** At once nobody gets in any more; the participants are told as soon as possible. */
  lose(volumeNames: readonly string[], reason: LossReason): void {
    const { ports, engine } = this;
    for (const name of volumeNames) {
      ports.shut(name);
      this.lost.add(name);
      this.free.delete(name);
      this.kept.delete(name);
    }
    engine.sink.emit({ type: 'leasesLost', volumes: volumeNames, reason });
    this.preempt();
    this.letGoSoon();
  }

  /** They can be served. */
  gain(volumeNames: readonly string[]): void {
    for (const name of volumeNames) this.free.add(name);
    this.ports.inTurn(() => this.serve());
  }

  /** It is known what a callback about a volume has done that ran out of time. */
  known(volumeName: string): void {
    this.knownAgain.add(volumeName);
  }

  /**
   * Nothing runs now. What somebody serves since, or still, though it was lost, is told
   * as lost. What was let go of meanwhile is served.
   */
  look(): void {
    const { state, serving } = this.engine;
    const { states } = state;
    const late = [...this.knownAgain].filter(
      (name) => serving?.isClaimed(name) === false && isServedIn(states, name),
    );
    this.knownAgain.clear();
    for (const name of late) this.lost.add(name);
    if (late.length > 0) this.letGoSoon();
    const names = [...this.kept].filter((name) => !isServedIn(states, name));
    if (names.length === 0) return;
    for (const name of names) this.kept.delete(name);
    this.gain(names);
  }

  /**
   * Runs a reload, and once more after each loss that pre-empts it. Its report is
   * that of the last one. What was lost before it begins is let go of first; then it
   * is begun by `again` too.
   */
  async rerun(
    first: () => Promise<TransitionReport>,
    again: () => Promise<TransitionReport>,
  ): Promise<TransitionReport> {
    const hasLost = this.lost.size > 0;
    if (hasLost) await this.letGo();
    let report = await (hasLost ? again() : first());
    while (this.preempted?.id === report.id) {
      await this.letGo();
      this.preempted = undefined;
      report = await again();
    }
    return report;
  }

  private letGoSoon(): void {
    this.ports.inTurn(() => this.letGo(), true);
  }

  private preempt(): void {
    const running = this.ports.running();
    if (running?.mayBeSuperseded !== true) return;
    this.preempted = running;
    const { nextGeneration } = this.engine.inForce;
    running.stop(new SupersededError(nextGeneration, lossReason(this.lost)));
  }

  /** What a Down by that moment has found lost, and not told: it unserves only what is ours. */
  async letGoBefore(deadline: number): Promise<void> {
    const now = this.engine.clock.now();
    await this.letGo(now + (deadline - now) * shareOfDown);
  }

  private async letGo(deadline?: number): Promise<void> {
    const names = this.lost;
    if (names.size === 0) return;
    this.lost = new Set();
    this.engine.state.lost = this.lost;
    await this.ports.run('lost', lossReason(names), async (transition) => {
      const { isOver } = this.ports;
      const course = await loseVolumes(transition, names, { isOver, deadline });
      // A Down has stopped it, and tells of the rest.
      if (course.kind === 'stopped')
        for (const name of names) this.lost.add(name);
      return course;
    });
  }

  private async serve(): Promise<void> {
    const { state } = this.engine;
    const names = new Set(
      [...this.free].filter((name) => state.absent.has(name)),
    );
    this.free = new Set();
    if (names.size === 0) return;
    // Who could not let go when they were lost is asked for that first.
    for (const name of names) {
      if (isServedIn(state.states, name)) this.kept.add(name);
    }
    const due = { groups: new Set<string>(), volumes: names };
    await this.ports.run('signaled', `free ${listed([...names])}`, (each) =>
      retry(each, due),
    );
  }
}
