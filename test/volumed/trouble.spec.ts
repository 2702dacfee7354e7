import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planHandOver } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import { Load, VolumeClient } from 'volumed/demo';
import { rawRequest } from 'volumed/raw-http';
import { TestCluster } from './cluster.fixture.js';

const clients = 8;

it('a disk that goes away and comes back heals by itself, under load, with no request answered wrongly (F157, F182)', async () => {
  await using running = await TestCluster.start({ groups: { g: ['v', 'w'] } });
  const { cluster, folder } = running;
  const [a] = cluster.peers;
  const { port } = a!.options;
  const [place, away] = [join(folder, 'data', 'v'), join(folder, 'away')];
  const origins = cluster.peers.map(({ url }) => url);
  const client = new VolumeClient(origins, clients);
  const volumes = ['v', 'w'];
  const load = new Load(client, { volumes, clients, fileBytes: 4096 });
  await load.start();
  await load.until(200);
  await load.whileMoving(async () => {
    await rename(place, away);
    // Everything that is not found there may well exist.
    const missing = await rawRequest(port, 'GET', '/volumes/v/missing');
    expect(missing.status).toBe(503);
    await a!.until('to try in vain', async () =>
      (await a!.log()).includes('(attempt 2)'),
    );
    expect(await a!.log()).toMatch(/Volume v failed while it was served: /);
    await rename(away, place);
    await a!.until('to serve v again', async () => {
      const { status } = await rawRequest(port, 'GET', '/volumes/v/missing');
      return status === 404;
    });
  });
  await load.until(load.requests + 200);
  await load.stop();
  await client.close();
  const { atRest, moving } = load;
  expect([...atRest.failures, ...moving.failures]).toEqual([]);
  expect(moving.retried).toBeGreaterThan(0);
  await a!.ready();
});

it('a peer that cannot take over what moves to it does so by itself once it can (F157)', async () => {
  await using running = await TestCluster.start();
  const { cluster, folder } = running;
  const [a, b] = [cluster.peer('a'), cluster.peer('b')];
  const [place, away] = [join(folder, 'data', 'v'), join(folder, 'away')];
  const to = cluster.withPrimaries({ g: 'b' });
  await cluster.apply(planHandOver(cluster.confMap, to));
  await rename(place, away);
  await writeFile(place, 'no directory');
  await cluster.write(to);
  await a.reload();
  await expect(b.reload()).rejects.toThrow(/but rolledBack/);
  const unserved = await rawRequest(b.options.port, 'GET', '/volumes/v/none');
  expect(unserved.status).toBe(503);
  await rm(place);
  await rename(away, place);
  await b.until('to serve v', async () => {
    const path = '/volumes/v/none';
    return (await rawRequest(b.options.port, 'GET', path)).status === 404;
  });
  await b.ready();
});
