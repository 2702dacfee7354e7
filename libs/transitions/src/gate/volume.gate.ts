import { Inject, Injectable, Logger } from '@nestjs/common';
import type {
  TransitionCallbacks,
  TransitionContext,
  TransitionKind,
} from '../core/model/callbacks.js';
import { PreemptedByDownError } from '../core/model/errors.js';
import { TransitionsRuntime } from '../transitions.runtime.js';
import { VolumeEntrance, type VolumePass } from './volume-entrance.js';
import {
  DrainAbortedError,
  VolumeNotServedError,
} from './volume-not-served.error.js';

// Volumes that leave together drain together.
const drainedAtOnce = 1024;
// What those whose signal was aborted get to leave.
const abortGraceMs = 1000;
// Of the time of a Down, in which no callback gets more than half of what is left.
const shareOfShutdown = 1 / 3;

/**
 * Lets requests into the volumes that are served here, and sees them out before
 * a volume leaves.
 *
 * A volume opens after *all* participants have served it, and closes at
 * volumeToBeUnserved, before any of them hears of it (volumeUnserveCancelled
 * opens it again). Its unserveVolume, the first of all, waits until those
 * inside have left; after `drainTimeout` (in a Down after a third of
 * `shutdownTimeout`, if that is less) it aborts their signals, says how many
 * there were, and goes on.
 */
@Injectable()
export class VolumeGate {
  private readonly logger = new Logger('VolumeGate');
  private readonly entrances = new Map<string, VolumeEntrance>();

  constructor(
    @Inject(TransitionsRuntime) private readonly runtime: TransitionsRuntime,
  ) {
    runtime.register('VolumeGate', this.callbacks(), {
      order: Infinity,
      concurrency: drainedAtOnce,
    });
  }

  /**
   * Counts a request into a volume: `using pass = gate.enter(name)`, or dispose
   * the pass in a `finally`.
   *
   * @throws VolumeNotServedError when the volume is not served here, or not any
   * more.
   */
  enter(volumeName: string): VolumePass {
    const entrance = this.entrances.get(volumeName);
    if (entrance?.open) return entrance.enter();
    throw this.refusal(volumeName, entrance);
  }

  /** Whether `enter` lets requests in. */
  isOpen(volumeName: string): boolean {
    return this.entrances.get(volumeName)?.open ?? false;
  }

  /** How many requests are inside of a volume. */
  inside(volumeName: string): number {
    return this.entrances.get(volumeName)?.inside ?? 0;
  }

  private refusal(
    volumeName: string,
    entrance: VolumeEntrance | undefined,
  ): VolumeNotServedError {
    if (entrance !== undefined) {
      return new VolumeNotServedError(volumeName, 'draining');
    }
    const topology = this.runtime.configuration?.topology;
    const volume = topology?.volumes.get(volumeName);
    // Not up yet: nobody can say that there is no such volume.
    if (topology === undefined) {
      return new VolumeNotServedError(volumeName, 'closed');
    }
    if (volume === undefined) {
      return new VolumeNotServedError(volumeName, 'unknown');
    }
    const peer = topology.groups.get(volume.groupName)?.primaryPeer ?? '';
    return peer === '' || peer === topology.whoAmI
      ? new VolumeNotServedError(volumeName, 'closed')
      : new VolumeNotServedError(volumeName, 'elsewhere', peer);
  }

  private callbacks(): TransitionCallbacks {
    return {
      serveVolume: (_confMap, name) => this.open(name),
      volumeUnserveCancelled: (_confMap, name) => this.open(name),
      volumeToBeUnserved: (_confMap, name) => this.close(name),
      unserveVolume: (_confMap, name, context) => this.drain(name, context),
      volumeLost: (_confMap, name) => this.lose(name),
    };
  }

  private open(volumeName: string): void {
    let entrance = this.entrances.get(volumeName);
    if (entrance === undefined) {
      entrance = new VolumeEntrance(volumeName);
      this.entrances.set(volumeName, entrance);
    }
    entrance.open = true;
  }

  private close(volumeName: string): void {
    const entrance = this.entrances.get(volumeName);
    if (entrance !== undefined) entrance.open = false;
  }

  /** Returns at once where nobody is inside: most volumes are idle. */
  private drain(
    volumeName: string,
    context: TransitionContext,
  ): void | Promise<void> {
    const entrance = this.entrances.get(volumeName);
    if (entrance === undefined) return;
    entrance.open = false;
    if (entrance.inside === 0) this.entrances.delete(volumeName);
    else return this.seeOut(volumeName, entrance, context);
  }

  private async seeOut(
    volumeName: string,
    entrance: VolumeEntrance,
    { kind, signal }: TransitionContext,
  ): Promise<void> {
    const patienceMs = this.patienceMs(kind);
    await emptyWithin(entrance, patienceMs, signal);
    if (entrance.inside > 0) {
      // The Down that stopped this transition asks again, with time of its own.
      if (isPreempted(signal)) throw signal.reason;
      this.abortInside(volumeName, entrance, patienceMs);
      // They are told; whoever heeds it is gone before others close the volume.
      await emptyWithin(entrance, this.graceMs(patienceMs));
    }
    this.entrances.delete(volumeName);
  }

  private patienceMs(kind: TransitionKind): number {
    const { drainTimeout, settings } = this.runtime.options;
    return kind === 'down'
      ? Math.min(drainTimeout, settings.shutdownTimeout * shareOfShutdown)
      : drainTimeout;
  }

  /** It must not make an unserve that was in time overdue. */
  private graceMs(patienceMs: number): number {
    const { callbackTimeout } = this.runtime.options.settings;
    return Math.min(abortGraceMs, (callbackTimeout - patienceMs) / 2);
  }

  private lose(volumeName: string): void {
    const entrance = this.entrances.get(volumeName);
    if (entrance === undefined) return;
    this.abortInside(volumeName, entrance, 0);
    this.entrances.delete(volumeName);
  }

  private abortInside(
    volumeName: string,
    entrance: VolumeEntrance,
    waitedMs: number,
  ): void {
    if (entrance.inside === 0) return;
    const reason = new DrainAbortedError(volumeName, entrance.inside, waitedMs);
    this.logger.warn(reason.message);
    entrance.abortAll(reason);
  }
}

function isPreempted({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof PreemptedByDownError;
}

/** Waits until nobody is inside, but not longer than the time, and not after an abort. */
async function emptyWithin(
  entrance: VolumeEntrance,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted === true) return;
  let stop = (): void => {};
  const patience = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const giveUp = (): void => resolve();
    signal?.addEventListener('abort', giveUp, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
  });
  await Promise.race([entrance.empty(), patience]);
  stop();
}
