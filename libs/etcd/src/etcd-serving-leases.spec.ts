import { describe, expect, it } from 'vitest';
import {
  etcdServingLeases,
  type EtcdServingLeasesOptions,
} from './etcd-serving-leases.js';

const valid = { endpoints: ['10.0.0.1:2379'], namespace: 'demo' };

describe('etcdServingLeases', () => {
  it('says where it is, and no secrets', () => {
    const leases = etcdServingLeases({
      ...valid,
      endpoints: ['a:1', 'b:2'],
      auth: { name: 'peers', password: 'secret' },
    });
    expect(leases.describe()).toBe('etcd at a:1, b:2, namespace demo');
  });

  it.each<[string, Partial<EtcdServingLeasesOptions>]>([
    ['namespace', { namespace: '' }],
    ['namespace', { namespace: 'a b' }],
    ['namespace', { namespace: '/a' }],
    ['namespace', { namespace: 'a/' }],
    ['ttl', { ttl: 1 }],
    ['ttl', { ttl: 2.5 }],
    ['ttl', { ttl: 10_000_000 }],
    ['callTimeout', { callTimeout: 0 }],
    ['endpoints', { endpoints: [] }],
    ['tls', { tls: { cert: 'x' } }],
    ['tls', { tls: { key: 'x' } }],
    ['tls', { tls: { ca: '' } }],
    ['tls', { tls: { ca: 'x' } }],
    ['tls', { tls: { ca: Buffer.from('x') } }],
    ['tls', { tls: { cert: 'x', key: 'x' } }],
  ])('refuses a %s that makes no sense: %j', (option, wrong) => {
    expect(() => etcdServingLeases({ ...valid, ...wrong })).toThrow(
      new RegExp(`^${option}: `),
    );
  });
});
