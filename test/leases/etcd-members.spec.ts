import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { claimed, heldIn, never } from './serving-leases.contract.js';

/** Within a ttl of 10 s, less what a holder keeps in reserve. */
const inTime = 7_000;

describe.skipIf(!hasEtcd)('of three members of etcd, one', () => {
  let members: EtcdProcess[];

  beforeAll(async () => {
    members = await EtcdProcess.startMembers(3);
  });
  afterAll(() => Promise.all(members.map((member) => member.stop())));

  // In this order: the endpoint that is used goes on to the next one.
  it.each([
    ['may be killed', 0, (member: EtcdProcess) => member.die()],
    ['may stand still', 1, (member: EtcdProcess) => member.pause()],
  ])(
    '%s, and a session is renewed and claims in time (F73)',
    async (_, index, harm) => {
      const victim = members[index]!;
      const endpoints = [...members.slice(index), ...members.slice(0, index)];
      const leases = etcdServingLeases({
        endpoints: endpoints.map(({ endpoint }) => endpoint),
        namespace: `demo-${index}`,
      });
      try {
        const session = await leases.openSession('A', never);
        const { token } = await claimed(session, 'photos');
        const { revision } = await leases.list(never);
        const changes = leases.changes(revision, never)[Symbol.asyncIterator]();
        const broken = changes.next().catch((thrown: unknown) => thrown);
        const harmedAt = performance.now();
        await harm(victim);
        await untilAnswered(() => session.renew(AbortSignal.timeout(700)));
        const again = [{ volume: 'music', token: undefined }];
        await untilAnswered(() =>
          session.claim(again, AbortSignal.timeout(1_500)),
        );
        expect(performance.now() - harmedAt).toBeLessThan(inTime);
        expect(await heldIn(leases)).toEqual(['music', 'photos']);
        expect(await broken).toBeInstanceOf(Error);
        const other = await leases.openSession('B', never);
        const [answer] = await other.claim(
          [{ volume: 'photos', token: undefined }],
          never,
        );
        expect(answer).toMatchObject({ token: undefined, holder: { token } });
      } finally {
        await leases.close();
        if (index === 0) await victim.startAgain();
        else victim.resume();
      }
    },
  );
});

/** Asks again, as a holder does, until there is an answer. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const end = performance.now() + 2 * inTime;
  for (;;) {
    try {
      const answer = await ask();
      expect(answer).toBeDefined();
      return answer;
    } catch (thrown) {
      if (performance.now() > end) throw thrown;
    }
  }
}
