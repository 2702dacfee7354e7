import 'reflect-metadata';
import { expect, it, vi } from 'vitest';

const isLoaded = vi.hoisted(() => vi.fn<() => void>());

vi.mock('@nestjs-transitions/etcd', () => {
  isLoaded();
  return { etcdServingLeases: () => 'leases' };
});

it('what talks to etcd is loaded where leases are asked for, and only there', async () => {
  await import('./server.js');
  const { leasesOf } = await import('./leases.js');
  expect(await leasesOf({ etcd: undefined })).toBeUndefined();
  expect(isLoaded).not.toHaveBeenCalled();
  const etcd = { endpoints: ['a:1'], namespace: 'demo', ttl: 10 };
  expect(await leasesOf({ etcd })).toBe('leases');
  expect(isLoaded).toHaveBeenCalledOnce();
});
