import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Channel } from './channel.js';

/** What is in the way of a connection to that endpoint. */
async function inTheWay(endpoint: string): Promise<string | undefined> {
  const channel = new Channel(endpoint, undefined);
  onTestFinished(() => channel.close());
  return channel.connect(5_000);
}

it('a server that is no etcd is told as what it may be', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(await inTheWay(`127.0.0.1:${port}`)).toMatch(
    /^Protocol error.* \(perhaps it is no etcd, or wants TLS there: look at the address\)$/,
  );
});

it('a host that nobody knows is told as that', async () => {
  expect(await inTheWay('no..host:2379')).toBe(
    'Name resolution failed (look at the address, and at DNS)',
  );
});
