import type {
  LeaseChange,
  LeaseListing,
  LeaseSession,
  ServingLeases,
} from 'nestjs-transitions/core';
import { EtcdSession } from './leases/etcd-session.js';
import { leaseChanges } from './leases/lease-changes.js';
import { listedIn } from './leases/listing.js';
import { LeaseKeys } from './leases/lease-keys.js';
import { LeaseStore } from './leases/lease-store.js';
import type { Probing } from './leases/pulse.js';
import { parseEndpoints } from './link/endpoints.js';
import { EtcdLink, type EtcdAuth } from './link/etcd-link.js';
import { checkTls, type EtcdTls } from './link/tls.js';
import {
  checkAuth,
  checkNames,
  checkNamespace,
  checkWhole,
} from './checks/option-checks.js';

/** Where the serving leases are, and how they are reached. */
export interface EtcdServingLeasesOptions {
  /**
   * The members of the cluster: host and port of each, `http://` or `https://`
   * before it allowed, and no name or password. One is used at a time; when it
   * fails, the next one.
   */
  readonly endpoints: readonly string[];
  /**
   * What the keys of this cluster of peers begin with. All peers of a cluster
   * have the same one, and no two clusters do.
   */
  readonly namespace: string;
  /**
   * For how long a session lives without being renewed, in whole seconds: the
   * time until another peer can take over what a dead one served. Default 10, from
   * 2 to 600. etcd may grant more.
   */
  readonly ttl?: number | undefined;
  /** Default: no encryption. */
  readonly tls?: EtcdTls | undefined;
  /** Default: no login. */
  readonly auth?: EtcdAuth | undefined;
  /**
   * No call takes longer than this, in milliseconds, connecting included.
   * Default 5,000.
   */
  readonly callTimeout?: number | undefined;
}

const optionNames: readonly (keyof EtcdServingLeasesOptions)[] = [
  'endpoints',
  'namespace',
  'ttl',
  'tls',
  'auth',
  'callTimeout',
];
const ttls = {
  expected: 'whole seconds, from 2 to 600',
  least: 2,
  most: 600,
};
const callTimeouts = {
  expected: 'milliseconds, at least 100',
  least: 100,
  most: Infinity,
};

const probing: Probing = { after: 3_000, answer: 2_000 };

/**
 * Serving leases in etcd 3.4 or newer. Nothing is connected before the first
 * call.
 *
 * @throws TypeError for an option that makes no sense
 */
export function etcdServingLeases(
  options: EtcdServingLeasesOptions,
): ServingLeases {
  return new EtcdServingLeases(options);
}

class EtcdServingLeases implements ServingLeases {
  private readonly store: LeaseStore;
  private readonly description: string;
  private readonly seconds: number;

  constructor(options: EtcdServingLeasesOptions) {
    checkNames(options, optionNames);
    const { namespace, ttl = 10, tls, auth, callTimeout = 5_000 } = options;
    checkNamespace(namespace);
    checkWhole('ttl', ttl, ttls);
    checkWhole('callTimeout', callTimeout, callTimeouts);
    if (tls !== undefined) checkTls(tls);
    if (auth !== undefined) checkAuth(auth);
    const endpoints = parseEndpoints(options.endpoints, tls !== undefined);
    const link = new EtcdLink({ endpoints, tls, auth, callTimeout });
    this.store = new LeaseStore(link, new LeaseKeys(namespace));
    this.seconds = ttl;
    this.description = `etcd at ${endpoints.join(', ')}, namespace ${namespace}`;
  }

  describe(): string {
    return this.description;
  }

  openSession(owner: string, signal: AbortSignal): Promise<LeaseSession> {
    return EtcdSession.open(this.store, owner, this.seconds, signal);
  }

  async list(signal: AbortSignal): Promise<LeaseListing> {
    const { storeId, revision, leases } = await this.store.list(signal);
    const listed = await listedIn(leases, this.store.keys);
    return { storeId, revision, ...listed };
  }

  changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly LeaseChange[]> {
    const { link, keys } = this.store;
    return leaseChanges(link, keys, revision, probing, signal);
  }

  async close(): Promise<void> {
    this.store.link.close();
  }
}
