import { Injectable } from '@nestjs/common';
import { VolumeGate, VolumeNotServedError } from 'nestjs-transitions';
import type { VolumeRoute, VolumeRouter } from './http/index.js';
import { Peers } from './participants/peers.js';
import { VolumeStore } from './participants/volume-store.js';

const retryAfterSeconds = 1;

/** Says where a request belongs: here, to another peer, or nowhere for the moment. */
@Injectable()
export class RequestRouter implements VolumeRouter {
  constructor(
    private readonly gate: VolumeGate,
    private readonly peers: Peers,
    private readonly store: VolumeStore,
  ) {}

  route(volumeName: string): VolumeRoute {
    const directory = this.store.directory(volumeName);
    if (directory === undefined) return this.whereElse(volumeName);
    try {
      return { kind: 'here', directory, pass: this.gate.enter(volumeName) };
    } catch (thrown) {
      if (thrown instanceof VolumeNotServedError) return onItsWay;
      throw thrown;
    }
  }

  private whereElse(volumeName: string): VolumeRoute {
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
