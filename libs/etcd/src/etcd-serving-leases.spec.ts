import { describe, expect, it } from 'vitest';
import {
  etcdServingLeases,
  type EtcdServingLeasesOptions,
} from './etcd-serving-leases.js';

/** What no type has checked. */
const untyped = (options: object): Partial<EtcdServingLeasesOptions> => options;

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
    // As from JavaScript, or from environment variables that are not set.
    ['namspace', untyped({ namspace: 'demo' })],
    ['namespace', untyped({ namespace: undefined })],
    ['namespace', untyped({ namespace: 7 })],
    ['ttl', untyped({ ttl: '10' })],
    // Milliseconds, by mistake.
    ['ttl', { ttl: 10_000 }],
    ['endpoints', untyped({ endpoints: '10.0.0.1:2379' })],
    ['endpoints', untyped({ endpoints: undefined })],
    ['endpoints', untyped({ endpoints: [undefined] })],
    ['auth', untyped({ auth: 'peers' })],
    ['auth.user', untyped({ auth: { user: 'peers', password: 'secret' } })],
    ['auth.name', untyped({ auth: { name: undefined, password: 'secret' } })],
    ['auth.password', { auth: { name: 'peers', password: '' } }],
    ['tls', untyped({ tls: true })],
    ['tls.caFile', untyped({ tls: { caFile: 'x' } })],
  ])('refuses a %s that makes no sense: %j', (option, wrong) => {
    expect(() => etcdServingLeases({ ...valid, ...wrong })).toThrow(
      new RegExp(`^${option}: `),
    );
  });

  it('says that a text is one where a number is expected', () => {
    const wrong = untyped({ ttl: '10' });
    expect(() => etcdServingLeases({ ...valid, ...wrong })).toThrow(
      "ttl: expected whole seconds, from 2 to 600, got '10'",
    );
  });

  it('says that paths are not what is expected of tls', () => {
    const tls = { ca: '/etc/etcd/ca.pem' };
    expect(() => etcdServingLeases({ ...valid, tls })).toThrow(
      'tls: ca has no certificate in PEM; expected what the file has in it, not its path',
    );
  });

  it.each([
    { password: 'secret' },
    { name: 'peers', password: ['secret'] },
    { name: 'peers', pass: 'secret' },
  ])('tells nothing of a password: %j', (auth) => {
    const leases = (): unknown =>
      etcdServingLeases({ ...valid, ...untyped({ auth }) });
    expect(leases).toThrow(/^auth\./);
    expect(leases).not.toThrow(/secret/);
  });
});
