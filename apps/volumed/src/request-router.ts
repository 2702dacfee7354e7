import { Injectable } from '@nestjs/common';
import {
  VolumeGate,
  VolumeNotServedError,
  type VolumePass,
} from 'nestjs-transitions';
import type { VolumeRoute, VolumeRouter } from './http/index.js';
import { Limits } from './participants/limits.js';
import { Peers } from './participants/peers.js';
import { VolumeStore } from './participants/volume-store.js';

const retryAfterSeconds = 1;

/**
 * Says where a request belongs: here, to another peer, or nowhere for the moment.
 * It waits, up to `RequestWaitTime`, for a volume that is on its way here.
 */
@Injectable()
export class RequestRouter implements VolumeRouter {
  constructor(
    private readonly gate: VolumeGate,
    private readonly peers: Peers,
    private readonly store: VolumeStore,
    private readonly limits: Limits,
  ) {}

  route(
    volumeName: string,
    gone: () => AbortSignal,
  ): VolumeRoute | Promise<VolumeRoute> {
    if (this.gate.isOpen(volumeName)) {
      return this.inside(volumeName, this.gate.enter(volumeName));
    }
    return this.limits.requestWaitMs === 0
      ? this.whereElse(volumeName)
      : this.awaited(volumeName, gone());
  }

  private async awaited(
    volumeName: string,
    signal: AbortSignal,
  ): Promise<VolumeRoute> {
    const { requestWaitMs: waitMs } = this.limits;
    try {
      const pass = await this.gate.admit(volumeName, { waitMs, signal });
      return this.inside(volumeName, pass);
    } catch (thrown) {
      if (!(thrown instanceof VolumeNotServedError) && !signal.aborted) {
        throw thrown;
      }
      return this.whereElse(volumeName);
    }
  }

  private inside(volumeName: string, pass: VolumePass): VolumeRoute {
    const directory = this.store.directory(volumeName);
    if (directory !== undefined) return { kind: 'here', directory, pass };
    pass[Symbol.dispose]();
    return onItsWay;
  }

  private whereElse(volumeName: string): VolumeRoute {
    // The store has it, and others do not serve it yet, or any more.
    if (this.store.directory(volumeName) !== undefined) return onItsWay;
    const { peers } = this;
    if (peers.hasMissed(volumeName)) return missed;
    if (!peers.knows(volumeName)) {
      return peers.isGoingDown
        ? unavailable('this peer is shutting down')
        : { kind: 'unknown' };
    }
    const peer = peers.serving(volumeName);
    if (peer === undefined) {
      return unavailable('no peer serves it at the moment');
    }
    if (peer.name === peers.own.name) return onItsWay;
    return { kind: 'elsewhere', peer: peer.name, url: peer.url };
  }
}

const missed = unavailable('this peer could not follow the configuration');
const onItsWay = unavailable('it is on its way to or from this peer');

function unavailable(reason: string): VolumeRoute {
  return { kind: 'unavailable', retryAfterSeconds, reason };
}
