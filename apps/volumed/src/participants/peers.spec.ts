import {
  ConfMap,
  type TransitionContext,
  type TransitionsService,
} from 'nestjs-transitions';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { Peers } from './peers.js';

function conf(changes: Record<string, Record<string, string>> = {}): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: ['a'], Peers: ['a', 'b'] },
    'Peer:a': { PublicIPAddr: ['127.0.0.1'], HTTPPort: ['7001'] },
    'Peer:b': { PublicIPAddr: ['::1'], HTTPPort: ['7002'] },
  }).withOverrides(
    Object.entries(changes).flatMap(([section, options]) =>
      Object.entries(options).map(
        ([name, value]) => `${section}.${name}=${value}`,
      ),
    ),
  );
}

/** Without a module: each section is checked when it is asked for. */
const transitions: Pick<TransitionsService, 'options'> = {
  options: (section: string, schema?: unknown, confMap?: ConfMap) =>
    v.parse(
      schema as v.GenericSchema,
      Object.fromEntries(
        confMap!
          .options(section)
          .map((name) => [name, confMap!.getString(section, name)]),
      ),
    ),
};

function peersOf(): Peers {
  return new Peers(transitions as TransitionsService);
}

it('a volume is with the primary of its group, wherever that moves', () => {
  const peers = peersOf();
  peers.up(conf());
  peers.volumeGroupCreated(conf(), 'g', 'a');
  peers.volumeGroupCreated(conf(), 'h', '');
  peers.volumeCreated(conf(), 'v', 'g');
  expect(peers.serving('v')?.url.href).toBe('http://127.0.0.1:7001/');
  peers.volumeGroupMoved(conf(), 'g', 'b');
  expect(peers.serving('v')?.url.href).toBe('http://[::1]:7002/');
  peers.volumeMoved(conf(), 'v', 'h');
  expect(peers.serving('v')).toBeUndefined();
  expect(peers.knows('v')).toBe(true);
  peers.volumeDestroyed(conf(), 'v');
  expect(peers.knows('v')).toBe(false);
});

it('a peer without an address, and two at one address, are vetoed', () => {
  const twice = { 'Peer:b': { PublicIPAddr: '127.0.0.1', HTTPPort: '7001' } };
  expect(() => peersOf().validate(conf(twice))).toThrow(
    'two peers answer at 127.0.0.1:7001',
  );
  const unknown = { Cluster: { Peers: 'a, b, c' } };
  expect(() => peersOf().validate(conf(unknown))).toThrow('Peer:c');
});

it('this peer cannot move to another address while it listens; others can', () => {
  const peers = peersOf();
  peers.validate(conf());
  peers.up(conf());
  expect(() =>
    peers.validate(conf({ 'Peer:a': { HTTPPort: '7009' } })),
  ).toThrow('needs a restart');
  const other = conf({ 'Peer:b': { HTTPPort: '7009' } });
  peers.validate(other);
  peers.signaledStart(other, { kind: 'signaled' } as TransitionContext);
  peers.volumeGroupCreated(other, 'g', 'b');
  peers.volumeCreated(other, 'v', 'g');
  expect(peers.serving('v')?.port).toBe(7009);
  peers.signaledFinish(conf(), { kind: 'rollback' } as TransitionContext);
  expect(peers.serving('v')?.port).toBe(7002);
});
