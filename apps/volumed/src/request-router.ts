import { Injectable } from '@nestjs/common';
import { VolumeGate } from 'nestjs-transitions';
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
    if (directory !== undefined && this.gate.isOpen(volumeName)) {
      const enter = () => this.gate.enter(volumeName);
      return { kind: 'here', directory, enter };
    }
    if (!this.peers.knows(volumeName)) {
      return this.peers.isGoingDown
        ? unavailable('this peer is shutting down')
        : { kind: 'unknown' };
    }
    const peer = this.peers.serving(volumeName);
    if (peer === undefined) {
      return unavailable('no peer serves it at the moment');
    }
    if (peer.name === this.peers.own.name) {
      return unavailable('it is on its way to or from this peer');
    }
    return { kind: 'elsewhere', peer: peer.name, url: peer.url };
  }
}

function unavailable(reason: string): VolumeRoute {
  return { kind: 'unavailable', retryAfterSeconds, reason };
}
