import { toBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TxnRequestSchema } from '../wire/etcd_pb.js';
import { FilledForm, type Blanks } from './filled-form.js';
import { allOf, get, putOver } from './requests.js';

const text = fc.string({ unit: 'binary', maxLength: 150 });
const blanks = fc.record({
  volume: text,
  revision: fc.oneof(
    fc.bigInt({ min: 0n, max: 300n }),
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  ),
});
const encoder = new TextEncoder();

it('is the bytes of the requests that it stands for, whatever the names and revisions', () => {
  const law = fc.property(
    fc.constantFrom('b', 'demo/a', 'b'.repeat(200)),
    text,
    fc.array(fc.array(blanks), { maxLength: 3 }),
    (prefix, content, batches) => {
      const key = ({ volume }: Blanks): Uint8Array =>
        encoder.encode(`${prefix}/${volume}`);
      const kinds = [
        (each: Blanks) => get(key(each)),
        (each: Blanks) =>
          putOver(key(each), each.revision, encoder.encode(content)),
      ];
      for (const make of kinds) {
        const form = new FilledForm(make);
        for (const batch of batches) {
          const request = allOf(batch.map((each) => make(each)));
          const expected = toBinary(TxnRequestSchema, request);
          expect(Buffer.compare(form.encode(batch), expected)).toBe(0);
        }
      }
    },
  );
  fc.assert(law);
});
