import { describe, expect, it } from 'vitest';
import { parseEndpoints } from './endpoints.js';

describe('endpoints', () => {
  it('are hosts and ports, with or without a scheme', () => {
    expect(
      parseEndpoints(
        ['10.0.0.1:2379', 'http://etcd-1.local:2379/', '[::1]:2379'],
        false,
      ),
    ).toEqual(['10.0.0.1:2379', 'etcd-1.local:2379', '[::1]:2379']);
    expect(parseEndpoints(['https://etcd:2379', 'etcd:1'], true)).toEqual([
      'etcd:2379',
      'etcd:1',
    ]);
  });

  it.each(['', 'etcd', 'etcd:', 'etcd:0', 'http://etcd:65536'])(
    'cannot be %j',
    (endpoint) => {
      expect(() => parseEndpoints(['a:1', endpoint], false)).toThrow(
        `got '${endpoint}'`,
      );
    },
  );

  it.each([
    ['a b:1'],
    ['ftp://etcd:1'],
    ['etcd:1/secret'],
    ['peers:secret:etcd:2379'],
    ['http://peers:secret:etcd:2379'],
    ['peers:secret'],
    ['http://peers:secret/etcd:2379'],
    // As those that were cut at the commas in their password.
    ['https://peers:12', 'secret:etcd:2379'],
    ['peers:12', 'secret', '34:etcd:2379'],
  ])('that may have a password are not told: %j', (...endpoints) => {
    const parse = (): unknown => parseEndpoints(endpoints, false);
    expect(parse).toThrow(
      /^endpoints: expected host and port alone, .*, and number \d is none; it is not told, as it may have a password$/,
    );
    expect(parse).not.toThrow(/peers|secret/);
  });

  it.each([
    [['http://peers:secret@etcd:2379']],
    [['a:1', 'peers:secret@etcd:2379']],
    [['secret@etcd:2379']],
    [['http://peers:s@cret/secret']],
    // As one that was cut at the comma in its password.
    [['http://peers:secret', 'secret@etcd:2379']],
  ])('with a name or a password are refused, and not told: %j', (endpoints) => {
    const parse = (): unknown => parseEndpoints(endpoints, false);
    expect(parse).toThrow(/^endpoints: .*: give them in the option auth$/);
    expect(parse).not.toThrow(/peers|secret/);
  });

  it('are there, and their schemes fit the encryption', () => {
    expect(() => parseEndpoints([], false)).toThrow('got none');
    expect(() => parseEndpoints(['https://etcd:1'], false)).toThrow(
      'needs TLS',
    );
    expect(() => parseEndpoints(['http://etcd:1'], true)).toThrow(
      'without TLS',
    );
  });
});
