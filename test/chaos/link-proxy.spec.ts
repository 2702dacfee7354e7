import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { LinkProxy } from './link-proxy.js';

/** A client and a server that are linked by a proxy. */
async function linked(): Promise<{
  link: LinkProxy;
  client: Socket;
  server: Socket;
}> {
  const target = createServer().listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  const link = await LinkProxy.to(`127.0.0.1:${port}`);
  const accepted = once(target, 'connection') as Promise<[Socket]>;
  const client = dial(link);
  const [server] = await accepted;
  onTestFinished(async () => {
    client.destroy();
    target.close();
    await link.close();
  });
  return { link, client, server };
}

function dial({ endpoint }: LinkProxy): Socket {
  const [host, port] = endpoint.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  return socket.on('error', () => {});
}

async function heard(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

it('a link that is up passes everything in both directions', async () => {
  const { client, server } = await linked();
  client.write('request');
  expect(await heard(server)).toBe('request');
  server.write('reply');
  expect(await heard(client)).toBe('reply');
});

it('what is held in one direction comes when the link is healed, and the other direction goes on', async () => {
  const { link, client, server } = await linked();
  link.set('requestsHeld');
  const arrived: string[] = [];
  server.on('data', (chunk: Buffer) => arrived.push(chunk.toString()));
  client.write('request');
  server.write('reply');
  expect(await heard(client)).toBe('reply');
  expect(arrived).toEqual([]);
  const late = once(server, 'data');
  link.heal('flush');
  await late;
  expect(arrived).toEqual(['request']);
});

it('a side that has gone is not missed while the link is silent', async () => {
  const { link, client, server } = await linked();
  link.set('silent');
  let isClosed = false;
  const closed = once(client, 'close').then(() => (isClosed = true));
  server.destroy();
  await once(server, 'close');
  // Another connection shows that time has passed for the proxy too.
  await once(dial(link), 'connect');
  expect(isClosed).toBe(false);
  link.heal('flush');
  await closed;
});

it('a link that is refused breaks what there is, and takes nobody', async () => {
  const { link, client } = await linked();
  const closed = once(client, 'close');
  link.set('refused');
  await closed;
  const another = dial(link);
  await once(another, 'close');
  expect(another.bytesRead).toBe(0);
});

it('a link is cut in the middle of a reply', async () => {
  const { link, client, server } = await linked();
  const cut = link.cutAfter(8);
  const closed = once(client, 'close');
  const arrived: string[] = [];
  client.on('data', (chunk: Buffer) => arrived.push(chunk.toString()));
  server.write('a reply');
  server.write('which is long');
  await cut;
  await closed;
  expect(arrived.join('')).toBe('a replyw');
});
