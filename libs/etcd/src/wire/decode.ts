import { setImmediate as turn } from 'node:timers/promises';
import {
  fromBinary,
  type DescMessage,
  type MessageShape,
} from '@bufbuild/protobuf';

// What etcd has many of in one message, the answers of a transaction, the keys of
// a list and the events of a revision, is left as bytes by the message around it,
// and read here.

/** Reads a message. What is not known of it is passed over. */
export function decode<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
): MessageShape<Schema> {
  return fromBinary(schema, bytes, { readUnknownFields: false });
}

// So many take a few milliseconds.
const mostAtOnce = 1_000;

/** Reads many messages, and lets the process do other work now and then. */
export async function decodeMany<Schema extends DescMessage, T>(
  schema: Schema,
  all: readonly Uint8Array[],
  read: (message: MessageShape<Schema>) => T,
): Promise<T[]> {
  const results: T[] = [];
  for (const bytes of all) {
    if (results.length % mostAtOnce === mostAtOnce - 1) await turn();
    results.push(read(decode(schema, bytes)));
  }
  return results;
}
