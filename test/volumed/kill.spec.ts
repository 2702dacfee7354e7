import { createHash, randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { PeerProcess, VolumeClient } from 'volumed/demo';
import { TestCluster } from './cluster.fixture.js';

const rounds = process.env['TRANSITIONS_TEST_LONG'] === '1' ? 50 : 2;
const writers = 4;

/** Content that shows whether it is complete. */
function contentOf(version: number): string {
  const filling = `${version};`.repeat(1 + ((version * 7919) % 20_000));
  return `${createHash('sha256').update(filling).digest('hex')}\n${filling}`;
}

function versionOf(content: string): number {
  const [hash = '', filling = ''] = content.split('\n');
  const whole = createHash('sha256').update(filling).digest('hex') === hash;
  return whole ? Number.parseInt(filling, 10) : NaN;
}

it('after kill -9 of its server a volume is served by the other, with every acknowledged file whole', async () => {
  await using test = await TestCluster.start();
  const { cluster } = test;
  const running = new Map(cluster.peers.map((peer) => [peer.name, peer]));
  const acknowledged = Array<number>(writers).fill(0);
  const sent = Array<number>(writers).fill(0);
  let version = 0;
  for (let round = 0; round < rounds; round++) {
    const server = round % 2 === 0 ? 'a' : 'b';
    const heir = round % 2 === 0 ? 'b' : 'a';
    const victim = running.get(server)!;
    const client = new VolumeClient([victim.url], writers);
    const enough = version + writers + randomInt(60);
    const write = async (writer: number): Promise<void> => {
      for (;;) {
        sent[writer] = ++version;
        const path = `/volumes/v/file-${writer}`;
        const content = contentOf(version);
        const mine = sent[writer];
        const { status } = await client.send('PUT', path, content);
        expect([201, 204]).toContain(status);
        acknowledged[writer] = mine;
      }
    };
    const writing = Promise.allSettled(
      Array.from({ length: writers }, (_, writer) => write(writer)),
    );
    await victim.until('to be killed', () =>
      Promise.resolve(version >= enough),
    );
    await victim.stop('SIGKILL');
    for (const end of await writing) {
      // It failed because the connection broke, not because the answer was
      // wrong.
      expect(String((end as PromiseRejectedResult).reason)).toMatch(
        /SocketError|ECONN/,
      );
    }
    await client.destroy();
    // Nobody holds the lock of the dead process, so the heir does not have to
    // wait.
    await cluster.write(cluster.withPrimaries({ g: heir }));
    const next = running.get(heir)!;
    await next.reload();
    const reader = new VolumeClient([next.url], 1);
    for (let writer = 0; writer < writers; writer++) {
      const path = `/volumes/v/file-${writer}`;
      const { status, body } = await reader.send('GET', path);
      if (status === 404 && acknowledged[writer] === 0) continue;
      expect(status).toBe(200);
      expect([acknowledged[writer], sent[writer]]).toContain(
        versionOf(body.toString()),
      );
      acknowledged[writer] = versionOf(body.toString());
    }
    await reader.close();
    const again = new PeerProcess(victim.options);
    running.set(server, again);
    try {
      await again.ready();
    } catch (thrown) {
      await again.stop('SIGKILL');
      throw thrown;
    }
  }
  await Promise.all([...running.values()].map((peer) => peer.stop()));
}, 600_000);
