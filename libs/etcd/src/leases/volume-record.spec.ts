import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { KeyValueSchema, type KeyValue } from '../wire/etcd_pb.js';
import {
  claimedValue,
  noteIn,
  noteValue,
  RecordReader,
  releasedValue,
} from './volume-record.js';

function written(value: Uint8Array | string, modRevision: bigint): KeyValue {
  const bytes =
    typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return create(KeyValueSchema, { value: bytes, modRevision });
}

const expired = { end: 'expired', note: '' };

it('says who claimed a volume, and since when', () => {
  const reader = new RecordReader();
  const first = written(claimedValue('a', '4a'), 7n);
  const holder = { owner: 'a', session: '4a', token: 7n };
  expect(reader.read(first)).toEqual({
    revision: 7n,
    holder,
    since: 7n,
    last: { owner: 'a', token: 7n, ...expired },
    isNoted: false,
  });
  const again = written(claimedValue('a', '4a', 7n), 9n);
  expect(reader.read(again)).toMatchObject({
    revision: 9n,
    holder: { ...holder, token: 9n },
    since: 7n,
    last: { token: 9n },
  });
  // The same was written in another revision.
  expect(reader.read(written(claimedValue('a', '4a', 7n), 12n))).toMatchObject({
    holder: { token: 12n },
    since: 7n,
  });
});

it('says how the last claim ended', () => {
  const reader = new RecordReader();
  const last = { owner: 'a', token: 7n, end: 'released', note: '' };
  for (const note of ['', 'bye']) {
    const released = written(releasedValue('a', 7n, note), 8n);
    expect(reader.read(released)).toMatchObject({
      holder: undefined,
      last,
      isNoted: note !== '',
    });
  }
  // Who types that may leave the quotes out.
  for (const value of [
    '{"owner":"a","expired":"7"}',
    '{"owner":"a","expired":7}',
  ])
    expect(reader.read(written(value, 8n))).toMatchObject({
      holder: undefined,
      last: { owner: 'a', token: 7n, ...expired },
    });
});

it('of nothing is that nobody had it', () => {
  expect(new RecordReader().read(undefined)).toEqual({
    revision: 0n,
    holder: undefined,
    since: 0n,
    last: undefined,
    isNoted: false,
  });
});

it('of a release has a note, and none of another release', () => {
  const note = written(noteValue(7n, 'bye'), 8n);
  expect(noteIn(note, 7n)).toBe('bye');
  expect(noteIn(note, 8n)).toBe('');
  expect(noteIn(undefined, 7n)).toBe('');
  expect(noteIn(written('a stranger', 8n), 7n)).toBe('');
});

it.each([
  '',
  'a stranger',
  'null',
  '[]',
  '{}',
  '7',
  '{"session":7}',
  '{"expired":-7}',
  '{"expired":7.5}',
])('that no peer wrote is held under no session: %j', (value) => {
  expect(new RecordReader().read(written(value, 8n))).toEqual({
    revision: 8n,
    holder: { owner: '(not written by a peer)', session: '0', token: 8n },
    since: 8n,
    last: undefined,
    isNoted: false,
  });
});
