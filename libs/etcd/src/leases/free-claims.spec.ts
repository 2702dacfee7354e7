import { toBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TxnRequestSchema } from '../wire/etcd_pb.js';
import { claimRequest } from './claiming.js';
import { FreeClaims } from './free-claims.js';
import { LeaseKeys } from './lease-keys.js';

const text = fc.string({ unit: 'binary', maxLength: 150 });

it('are the bytes of the requests that they stand for, whatever the names', () => {
  const claimant = fc.record({
    keys: fc.constantFrom('b', 'demo/a', 'b'.repeat(200)),
    owner: text,
    lease: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  });
  const law = fc.property(
    claimant,
    fc.array(fc.array(text), { maxLength: 3 }),
    ({ keys, owner, lease }, batches) => {
      const by = { keys: new LeaseKeys(keys), owner, lease };
      const claims = new FreeClaims(by);
      for (const volumes of batches) {
        const request = claimRequest(
          by,
          volumes.map((volume) => ({ volume, token: undefined })),
        );
        const expected = toBinary(TxnRequestSchema, request);
        expect(Buffer.compare(claims.encode(volumes), expected)).toBe(0);
      }
    },
  );
  fc.assert(law);
});
