import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import {
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Endpoint } from './endpoints.js';
import { Channel } from './channel.js';
import type { EtcdTls } from './tls.js';

/** What is in the way of a connection to that endpoint. */
async function inTheWay(
  endpoint: Endpoint,
  tls?: EtcdTls,
): Promise<string | undefined> {
  const channel = new Channel(endpoint, tls);
  onTestFinished(() => channel.close());
  return channel.connect(60_000);
}

async function listening(server: Server): Promise<Endpoint> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a server that is no etcd is told as what it may be', async () => {
  const server = createHttpServer((_request, response) =>
    response.end('hello'),
  );
  expect(await inTheWay(await listening(server))).toMatch(
    /^Protocol error.* \(perhaps it is no etcd, or wants TLS there: look at the address\)$/,
  );
});

it('a host that nobody knows is told as that', async () => {
  expect(await inTheWay('no..host:2379')).toBe(
    'Name resolution failed (look at the address, and at DNS)',
  );
});

const ways = [
  ['ends the connection', (socket: Socket) => socket.end()],
  ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
] as const;

describe.each(ways)('where somebody %s at its first bytes', (_how, hangUp) => {
  it.each([
    ['with TLS', {}, /has no TLS there: .*reach it without TLS\)$/],
    ['without TLS', undefined, /wants TLS there, .*reach it with TLS\)$/],
  ])('one %s is told where to look', async (_kind, tls, hint) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => void hangUp(socket));
    });
    expect(await inTheWay(await listening(server), tls)).toMatch(hint);
  });
});
