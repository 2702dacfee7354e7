import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Channel } from './channel.js';

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
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const channel = new Channel(`127.0.0.1:${port}`, tls);
    onTestFinished(() => channel.close());
    expect(await channel.connect(60_000)).toMatch(hint);
  });
});
