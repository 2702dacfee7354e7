import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { VolumeClient } from 'volumed/demo';
import { connectTo, head, TestCluster } from './cluster.fixture.js';

it('a peer that shuts down is first not ready, then unavailable, and never says that a volume is unknown', async () => {
  await using running = await TestCluster.start({
    peers: ['a'],
    // Long enough for a look, however busy the machine is.
    args: ['--lameduck', '2000'],
  });
  const { cluster } = running;
  const [connection, probe] = [
    await connectTo(cluster, 'a'),
    await connectTo(cluster, 'a'),
  ];
  connection
    .send(head('PUT', '/volumes/v/file', 'Content-Length: 3'))
    .send('old');
  expect((await connection.next()).status).toBe(201);
  // An upload in flight keeps the volume here for a while.
  const upload = await connectTo(cluster, 'a');
  upload.send(head('PUT', '/volumes/v/file', 'Content-Length: 6')).send('new');
  const pairs = new Set<string>();
  // The file first: whoever is refused must find the peer not ready then.
  const look = async (): Promise<string> => {
    connection.send(head('GET', '/volumes/v/file'));
    const got = (await connection.next()).status;
    probe.send(head('GET', '/ready'));
    const ready = (await probe.next()).status;
    const pair = `${got}, ${ready === 200 ? 'ready' : 'not ready'}`;
    pairs.add(pair);
    return pair;
  };
  await look();
  const stopped = cluster.stop();
  while ((await look()) !== '503, not ready') await setTimeout(5);
  upload.send('er!');
  expect((await upload.next()).status).toBe(204);
  // Until the end of the process, so also after the volumes are forgotten.
  await (async () => {
    for (;;) {
      await look();
      await setTimeout(1);
    }
  })().catch(() => undefined);
  expect([...pairs]).toEqual([
    '200, ready',
    '200, not ready',
    '503, not ready',
  ]);
  expect(await stopped).toEqual([null]);
  expect(await cluster.peer('a').log()).toMatch(/#2 applied/);
});

it('a peer shuts down in spite of clients that go on asking', async () => {
  await using running = await TestCluster.start({ peers: ['a'] });
  const { cluster } = running;
  const client = new VolumeClient([cluster.peer('a').url], 4);
  let answered = 0;
  const ask = async (): Promise<void> => {
    for (;;) {
      const { status } = await client.send('GET', '/volumes/v/none');
      expect(status).toBe(404);
      answered++;
    }
  };
  const asking = Promise.allSettled([ask(), ask(), ask(), ask()]);
  await cluster
    .peer('a')
    .until('to answer', () => Promise.resolve(answered > 20));
  expect(await cluster.stop()).toEqual([null]);
  await client.destroy();
  for (const end of await asking) {
    expect(end.status).toBe('rejected');
  }
});

it('a peer shuts down soon in spite of clients that send nothing whole (F154)', async () => {
  await using running = await TestCluster.start({
    peers: ['a'],
    args: ['--drain-timeout', '500'],
  });
  const { cluster } = running;
  const trickling = 'Transfer-Encoding: chunked';
  const beginnings = {
    silent: '',
    'half a head': 'GET /health HTTP/1.1\r\nHost',
    idle: head('GET', '/health'),
    'a body for /health': head('GET', '/health', trickling),
    'a body that is refused': head('PUT', '/volumes/none/f', trickling),
    'an upload': head('PUT', '/volumes/v/f', trickling),
    'a second request': `${head('GET', '/health')}GET /`,
  };
  const connections = await Promise.all(
    Object.values(beginnings).map(async (beginning) => {
      const connection = await connectTo(cluster, 'a');
      return connection.send(beginning);
    }),
  );
  await Promise.all([2, 3, 4, 6].map((index) => connections[index]!.next()));
  const trickle = setInterval(() => {
    for (const connection of connections.slice(3, 6)) {
      connection.send('1\r\nx\r\n');
    }
  }, 100);
  const timer = setTimeout(20_000, 'for too long', { ref: false });
  expect(await Promise.race([cluster.stop(), timer])).toEqual([null]);
  clearInterval(trickle);
  expect(await cluster.peer('a').log()).toMatch(/#2 applied/);
  for (const { socket } of connections) socket.destroy();
});
