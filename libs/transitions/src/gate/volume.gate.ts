import { Inject, Injectable, Logger } from '@nestjs/common';
import type {
  TransitionCallbacks,
  TransitionContext,
} from '../core/callbacks.js';
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

/**
 * Lets requests into the volumes that are served here, and sees them out before
 * a volume leaves.
 *
 * A volume opens after *all* participants have served it, and closes at
 * volumeToBeUnserved, before any of them hears of it (volumeUnserveCancelled
 * opens it again). Its unserveVolume, the first of all, waits until those
 * inside have left; after `drainTimeout` it aborts their signals, and goes on.
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
    if (topology === undefined || volume === undefined) {
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
    else return this.seeOut(volumeName, entrance, context.signal);
  }

  private async seeOut(
    volumeName: string,
    entrance: VolumeEntrance,
    signal: AbortSignal,
  ): Promise<void> {
    const { drainTimeout } = this.runtime.options;
    await emptyWithin(entrance, drainTimeout, signal);
    if (entrance.inside > 0) {
      this.abortInside(volumeName, entrance, drainTimeout);
      // They are told; whoever heeds it is gone before others close the volume.
      await emptyWithin(entrance, abortGraceMs);
    }
    this.entrances.delete(volumeName);
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

/** Waits until nobody is inside, but not longer than the time, and not after an abort. */
async function emptyWithin(
  entrance: VolumeEntrance,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
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
