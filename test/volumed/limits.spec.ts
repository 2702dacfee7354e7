import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfMap } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import { connectTo, head, makeFolder, TestCluster } from './cluster.fixture.js';

const file = '/volumes/v/file';

it('the limits of the configuration hold, and those of a new one from its reload on', async () => {
  await using running = await TestCluster.start({
    peers: ['a'],
    fileServer: { MaxFileBytes: '10', MaxRequestsPerVolume: '1' },
  });
  const { cluster } = running;
  const connection = await connectTo(cluster, 'a');
  connection.send(
    head('PUT', file, 'Content-Length: 11', 'Expect: 100-continue'),
  );
  expect((await connection.next()).status).toBe(413);
  connection.socket.destroy();

  const upload = await connectTo(cluster, 'a');
  upload.send(head('PUT', file, 'Content-Length: 10', 'Expect: 100-continue'));
  expect((await upload.next()).status).toBe(100);
  const other = await connectTo(cluster, 'a');
  other.send(head('GET', file));
  const refused = await other.next();
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');

  const edit = ConfMap.edit(cluster.confMap);
  await cluster.apply(
    edit.set('FileServer', 'MaxRequestsPerVolume', ['2']).build(),
  );
  other.send(head('GET', file));
  expect((await other.next()).status).toBe(404);
  upload.send('0123456789');
  expect((await upload.next()).status).toBe(201);
  other.socket.destroy();
  upload.socket.destroy();
});

it('each request is one line of JSON in the log, and a conditional one says what it came to', async () => {
  const logs = await makeFolder();
  const log = join(logs, 'requests.log');
  await using running = await TestCluster.start({
    peers: ['a'],
    fileServer: { RequestLog: log },
  });
  const { cluster } = running;
  const connection = await connectTo(cluster, 'a');
  connection.send(head('PUT', file, 'Content-Length: 3')).send('one');
  const { etag } = (await connection.next()).headers;
  connection.send(head('GET', file, `If-None-Match: ${etag}`));
  expect((await connection.next()).status).toBe(304);
  connection.send(
    head('PUT', file, 'Content-Length: 3', 'If-None-Match: *') + 'two',
  );
  expect((await connection.next()).status).toBe(412);
  connection.send(head('GET', '/volumes/v/%1b%5b2Jname'));
  expect((await connection.next()).status).toBe(404);
  connection.socket.destroy();
  await cluster.stop();
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  await rm(logs, { recursive: true });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { method: 'PUT', volume: 'v', path: file, status: 201, bytes: 3 },
    { method: 'GET', status: 304, bytes: 0 },
    { method: 'PUT', status: 412 },
    { method: 'GET', status: 404, path: '/volumes/v/%1b%5b2Jname' },
  ]);
});
