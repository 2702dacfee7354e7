import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { decodeMany } from './decode.js';
import { KeyValueSchema } from './etcd_pb.js';

it('reads many messages in their order, and the process has turns meanwhile', async () => {
  const revisions = Array.from({ length: 4_500 }, (_, at) => BigInt(at + 1));
  const messages = revisions.map((modRevision) =>
    toBinary(KeyValueSchema, create(KeyValueSchema, { modRevision })),
  );
  const readAtTurns: number[] = [];
  let read = 0;
  const watch = (): void => {
    readAtTurns.push(read);
    if (read < messages.length) setImmediate(watch);
  };
  setImmediate(watch);
  const results = await decodeMany(KeyValueSchema, messages, (kv) => {
    read++;
    return kv.modRevision;
  });
  expect(results).toEqual(revisions);
  expect(readAtTurns.length).toBeGreaterThanOrEqual(4);
  const steps = readAtTurns.map(
    (at, turn) => at - (readAtTurns[turn - 1] ?? 0),
  );
  expect(Math.max(...steps)).toBeLessThanOrEqual(1_000);
});
