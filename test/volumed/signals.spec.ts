import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ConfMap } from 'nestjs-transitions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerProcess } from 'volumed/demo';
import { rawRequest } from 'volumed/raw-http';
import { makeFolder, TestCluster } from './cluster.fixture.js';

const program = fileURLToPath(
  new URL('../../apps/volumed/dist/main.js', import.meta.url),
);
const hangUpOnLoad = fileURLToPath(
  new URL('fixture/hang-up-on-load.mjs', import.meta.url),
);

let logs: string;
let requestLog: string;
let running: TestCluster;

beforeAll(async () => {
  logs = await makeFolder();
  requestLog = join(logs, 'requests.log');
  running = await TestCluster.start({
    peers: ['a'],
    fileServer: { RequestLog: requestLog },
    nodeArgs: ['--import', hangUpOnLoad],
  });
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await rm(logs, { recursive: true });
});

it('a SIGHUP that comes while volumed is being loaded is a reload once it is up (F167)', async () => {
  const peer = running.cluster.peer('a');
  await peer.until('to reload', async () => {
    const { last } = await peer.status();
    return last?.kind === 'signaled' && last.outcome === 'unchanged';
  });
  expect(await peer.log()).not.toMatch(/listens to SIGHUP|WARN/);
});

it('a SIGHUP opens the logs anew, though the reload is refused (F152)', async () => {
  const { cluster, folder } = running;
  const peer = cluster.peer('a');
  const journal = join(folder, 'a.servings');
  for (const log of [requestLog, journal]) await rename(log, `${log}.1`);
  const before = (await peer.status()).last?.id ?? 0;
  const edit = ConfMap.edit(cluster.confMap);
  await cluster.write(
    edit.set('VolumeGroup:g', 'PrimaryPeer', ['nobody']).build(),
  );
  peer.signal('SIGHUP');
  await peer.until('to refuse', async () => {
    const { last } = await peer.status();
    return last !== null && last.id > before && last.outcome === 'rejected';
  });
  await rawRequest(peer.options.port, 'GET', '/volumes/v/none');
  await peer.until('to log', async () =>
    (await readFile(requestLog, 'utf8')).includes('/volumes/v/none'),
  );
  await peer.stop();
  expect(await readFile(journal, 'utf8')).toContain('"event":"unserve"');
  expect(await readFile(`${journal}.1`, 'utf8')).not.toContain('unserve');
});

it('whoever reads its output goes away, and volumed goes on, reloads and shuts down in order (F151)', async () => {
  const { folder, cluster } = running;
  const { conf } = cluster.peer('a').options;
  await cluster.write(cluster.withPrimaries({ g: 'a' }));
  const url = `http://127.0.0.1:${cluster.peer('a').options.port}`;
  const child = spawn(process.execPath, [program, '--conf', conf], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('listens on')) break;
    }
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGHUP');
    const status = async () =>
      (await (await fetch(`${url}/status`)).json()) as {
        last: { kind: string } | null;
      };
    while ((await status()).last?.kind !== 'signaled');
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
    const servings = await readFile(join(folder, 'a.servings'), 'utf8');
    expect(servings.trimEnd().split('\n').at(-1)).toContain('"unserve"');
  } finally {
    child.kill('SIGKILL');
  }
});

it('how a peer has ended is told: by its exit code or by a signal (F166)', async () => {
  const { options } = running.cluster.peer('a');
  const conf = join(logs, 'nothing.conf');
  const failing = new PeerProcess({ ...options, conf });
  await expect(failing.ready()).rejects.toThrow(
    /a has ended with exit code 1:[^]+nothing\.conf/,
  );
  await writeFile(conf, '');
  const killed = new PeerProcess({ ...options, conf });
  await killed.stop('SIGKILL');
  await expect(killed.ready()).rejects.toThrow('a has ended with SIGKILL:');
});
