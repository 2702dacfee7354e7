import { ConfMap } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import {
  findMoves,
  findOverlaps,
  PeerProcess,
  readServings,
} from 'volumed/demo';
import { findFreePorts } from 'volumed/free-ports';
import { connectTo, TestCluster, untilAnswered } from './cluster.fixture.js';

it('with a hand-over no volume has two servers; without one it may, and the journals show it', async () => {
  await using running = await TestCluster.start({
    groups: { g: ['v', 'w'], h: ['x'] },
  });
  const { cluster } = running;
  // One volume changes its group, and then both groups change their peers.
  await cluster.handOver(
    ConfMap.edit(cluster.confMap)
      .set('VolumeGroup:g', 'VolumeList', ['v'])
      .set('VolumeGroup:h', 'VolumeList', ['x', 'w'])
      .build(),
  );
  expect((await cluster.peer('b').status()).served).toEqual(['x', 'w']);
  await cluster.handOver(cluster.withPrimaries({ g: 'b', h: 'a' }));
  const servings = await cluster.servings();
  expect(findOverlaps(servings)).toEqual([]);
  expect(findMoves(servings)).toHaveLength(4);

  const [a, b] = [cluster.peer('a'), cluster.peer('b')];
  await cluster.write(cluster.withPrimaries({ g: 'a' }));
  const taking = a.reload();
  await a.until('to begin', async () =>
    (await cluster.servings()).some(
      (serving) =>
        serving.peer === 'a' &&
        serving.to === Infinity &&
        serving.volume === 'v',
    ),
  );
  // The peer waits for the lock of the directory, and lets no request in.
  const connection = await connectTo(cluster, 'a');
  await untilAnswered(connection, '/volumes/v/none', 503);
  connection.socket.destroy();
  await b.reload();
  await taking;
  expect(findOverlaps(await cluster.servings())).toMatchObject([
    { volume: 'v', peers: ['b', 'a'] },
  ]);
});

it('a second process of one peer does not come up while the first one has its volumes', async () => {
  await using running = await TestCluster.start({ peers: ['a'] });
  const { cluster, folder } = running;
  const first = cluster.peer('a');
  const [port = 0] = await findFreePorts(1);
  const journal = `${folder}/second.servings`;
  const second = new PeerProcess({
    ...first.options,
    port,
    log: `${folder}/second.log`,
    args: [`Peer:a.HTTPPort=${port}`, `FileServer.ServingJournal=${journal}`],
  });
  try {
    await second.until('to want the volume', async () =>
      (await readServings([journal])).some(({ volume }) => volume === 'v'),
    );
    // Coming up would take far less.
    const connection = await connectTo(cluster, 'a');
    for (let look = 0; look < 200; look++) {
      await untilAnswered(connection, '/volumes/v/none', 404);
      await expect(second.status()).rejects.toThrow('ECONNREFUSED');
    }
    connection.socket.destroy();
    await first.stop();
    await second.ready();
    expect((await second.status()).served).toEqual(['v']);
  } finally {
    await second.stop('SIGKILL');
  }
});
