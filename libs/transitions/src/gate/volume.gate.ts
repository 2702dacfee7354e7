import { Logger } from '@nestjs/common';
import type {
  TransitionCallbacks,
  TransitionContext,
} from '../core/model/callbacks.js';
import type { TransitionEvent } from '../core/report/events.js';
import { TransitionsRuntime } from '../transitions.runtime.js';
import { Askers } from './askers.js';
import { DrainAbortedError } from './drain-aborted.error.js';
import { seeOut } from './drain.js';
import { isOnItsWay } from './on-its-way.js';
import { refusalOf } from './refusal.js';
import { VolumeEntrance, type VolumePass } from './volume-entrance.js';
import { VolumeNotServedError } from './volume-not-served.error.js';
import { WaitingRequests, type Patience } from './waiting-requests.js';

/** How a volume is entered. */
export interface EnterOptions {
  /**
   * A pass for the same volume: the request is a part of that one. It is let in
   * while that one is inside, even while the volume drains.
   */
  readonly within?: VolumePass | undefined;
}

/** How a volume is entered by a request that may wait for it. */
export interface AdmitOptions extends EnterOptions, Patience {}

/**
 * Lets requests into the volumes that are served here, and sees them out before
 * a volume leaves.
 *
 * A volume opens as soon as *all* participants have served it, and closes when
 * the first unserveVolume is due, or as soon as it is said to have failed. That
 * unserveVolume is the gate's: it waits until those
 * inside have left. After `drainTimeout`, or as early as the time of the callback
 * demands, which in a Down is less than half of `shutdownTimeout`, it aborts their
 * signals, says how many there were, and goes on. Volumes that leave together
 * drain together.
 */
export class VolumeGate {
  private readonly logger = new Logger('VolumeGate');
  private readonly entrances = new Map<string, VolumeEntrance>();
  private readonly askers = new Askers();
  private readonly waiting = new WaitingRequests();
  private isUndoing = false;
  private isGoingDown = false;

  constructor(private readonly runtime: TransitionsRuntime) {
    runtime.onAsked = (report) => this.askers.note(report);
    runtime.onDown = () => this.refuseAll();
    runtime.events.listen((event) => this.follow(event));
    runtime.onShut = (volumeName) => this.shut(volumeName);
    runtime.onReopened = (volumeName) => this.reopen(volumeName);
    runtime.register('VolumeGate', this.callbacks(), {
      order: Infinity,
      keepsPace: true,
      concurrency: Number.MAX_SAFE_INTEGER,
    });
  }

  /**
   * Counts a request into a volume: `using pass = gate.enter(name)`, or dispose
   * the pass in a `finally`.
   *
   * @throws VolumeNotServedError when the volume is not served here, or not any
   * more. In the handling of an HTTP request it may be left alone: Nest answers
   * with it.
   */
  enter(volumeName: string, { within }: EnterOptions = {}): VolumePass {
    const pass = this.entrances.get(volumeName)?.tryToEnter(within);
    if (pass !== undefined) return pass;
    throw this.refusal(volumeName);
  }

  /**
   * As {@link enter}, but waits for a volume that is on its way here: one that the
   * transition that runs is to serve, or puts back, or that this peer is to serve
   * and a reload that is asked for may. A reload that a loss has pre-empted goes on. Those who wait for a volume enter in the
   * order in which they came. They are refused, as by `enter`, when `waitMs` are
   * over, when the transition ends without the volume being served, and when a Down
   * begins; and at once where more than `maxWaiting` would wait, for any volumes.
   *
   * @throws VolumeNotServedError, or the reason of `signal` when that aborts.
   */
  async admit(
    volumeName: string,
    { waitMs, signal, within }: AdmitOptions,
  ): Promise<VolumePass> {
    signal?.throwIfAborted();
    const pass = this.entrances.get(volumeName)?.tryToEnter(within);
    if (pass !== undefined) return pass;
    const refusal = (): Error => this.refusal(volumeName);
    const mayWait =
      waitMs > 0 &&
      this.isOnItsWay(volumeName) &&
      this.waiting.size < this.runtime.options.maxWaiting;
    if (!mayWait) throw refusal();
    return this.waiting.wait(volumeName, { waitMs, signal }, refusal);
  }

  /** Whether `enter` lets requests in. */
  isOpen(volumeName: string): boolean {
    return this.entrances.get(volumeName)?.admits ?? false;
  }

  /** How many requests are inside of a volume. */
  inside(volumeName: string): number {
    return this.entrances.get(volumeName)?.inside ?? 0;
  }

  /** How many requests wait for volumes that are on their way here. */
  get waitingRequests(): number {
    return this.waiting.size;
  }

  /** Why nobody gets into a volume that is not open. */
  private refusal(volumeName: string): VolumeNotServedError {
    if (this.entrances.has(volumeName)) {
      return new VolumeNotServedError(volumeName, 'draining');
    }
    const { configuration, coming } = this.runtime;
    return refusalOf(volumeName, configuration, coming);
  }

  private isOnItsWay(volumeName: string): boolean {
    const { configuration: inForce, coming, isChanging } = this.runtime;
    const { isUndoing, isGoingDown } = this;
    const course = { inForce, coming, isUndoing, isChanging };
    return !isGoingDown && isOnItsWay(volumeName, course);
  }

  /** Aborts those inside of what is lost, and refuses those who wait for what is no longer on its way. */
  private follow(event: TransitionEvent): void {
    switch (event.type) {
      case 'rollbackStarted':
        this.isUndoing = true;
        break;
      case 'transitionEnded':
        this.isUndoing = false;
        // The newer one goes on at once, and tells what it brings.
        if (event.report.outcome === 'superseded') return;
        break;
      case 'transitionPlanned':
        break;
      case 'leasesLost':
        for (const name of event.volumes) this.abortLost(name);
        return;
      default:
        return;
    }
    for (const name of this.waiting.volumeNames) {
      if (!this.isOnItsWay(name)) this.waiting.refuse(name, this.refusal(name));
    }
  }

  private refuseAll(): void {
    this.isGoingDown = true;
    for (const name of this.waiting.volumeNames) {
      this.waiting.refuse(name, this.refusal(name));
    }
  }

  private callbacks(): TransitionCallbacks {
    return {
      serveVolume: (_confMap, name) => this.open(name),
      unserveVolume: (_confMap, name, context) => this.drain(name, context),
      volumeLost: (_confMap, name) => this.lose(name),
    };
  }

  private open(volumeName: string): void {
    if (this.isOpen(volumeName)) return;
    // Whoever may still be inside of the last one belongs to another stay.
    const { leaseOf } = this.runtime;
    const lease = leaseOf && (() => leaseOf(volumeName));
    const entrance = new VolumeEntrance(volumeName, lease);
    this.entrances.set(volumeName, entrance);
    // What runs has served it again, and is followed by what takes it away.
    if (this.runtime.isFailing(volumeName)) this.shut(volumeName);
    else this.waiting.admit(entrance);
  }

  /** It has failed: nobody gets in, and those inside leave when its unserveVolume is due. */
  private shut(volumeName: string): void {
    const entrance = this.entrances.get(volumeName);
    if (entrance !== undefined) entrance.isOpen = false;
  }

  /** It was shut, and did not leave: those inside are inside of the same stay. */
  private reopen(volumeName: string): void {
    const entrance = this.entrances.get(volumeName);
    if (entrance === undefined || entrance.isLeaving || entrance.isAborted) {
      this.open(volumeName);
      return;
    }
    entrance.isOpen = true;
    this.waiting.admit(entrance);
  }

  /** Returns at once where nobody is inside: most volumes are idle. */
  private drain(
    volumeName: string,
    context: TransitionContext,
  ): void | Promise<void> {
    const entrance = this.entrances.get(volumeName);
    if (entrance === undefined) return;
    entrance.isOpen = false;
    entrance.isLeaving = true;
    if (entrance.inside === 0) this.entrances.delete(volumeName);
    else return this.seeOut(entrance, context);
  }

  private async seeOut(
    entrance: VolumeEntrance,
    context: TransitionContext,
  ): Promise<void> {
    const { drainTimeout } = this.runtime.options;
    await seeOut(entrance, context, drainTimeout, (waitedMs) =>
      this.abortInside(entrance, waitedMs),
    );
    this.forget(entrance);
  }

  /** Not where the volume has come back meanwhile. */
  private forget(entrance: VolumeEntrance): void {
    const { volumeName } = entrance;
    if (this.entrances.get(volumeName) === entrance) {
      this.entrances.delete(volumeName);
    }
  }

  private lose(volumeName: string): void {
    this.abortLost(volumeName);
    this.entrances.delete(volumeName);
  }

  /** At once, though the turn of its volumeLost may come much later, or the volume drains. */
  private abortLost(volumeName: string): void {
    const entrance = this.entrances.get(volumeName);
    if (entrance === undefined || entrance.isAborted) return;
    if (entrance.inside > 0) this.abortInside(entrance, 0);
  }

  private abortInside(entrance: VolumeEntrance, waitedMs: number): void {
    const { volumeName, inside } = entrance;
    const reason = new DrainAbortedError(volumeName, inside, waitedMs);
    const askers = this.askers
      .among(entrance.holders)
      .map(
        (name) =>
          `. ${name} is inside and has asked for this reload itself: where it awaits the reload, both wait for each other. Let it leave the volume first, or not await.`,
      );
    this.logger.warn(reason.message + askers.join(''));
    entrance.abortAll(reason);
  }
}
