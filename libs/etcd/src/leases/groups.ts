import { toBinary } from '@bufbuild/protobuf';
import { TxnRequestSchema, type RequestOp } from '../wire/etcd_pb.js';
import { allOf } from './requests.js';

// etcd's --max-txn-ops is 128. It counts the operations of a transaction, or its
// conditions where these are more, together with those of the transaction in it that
// has most, and so on inwards. So what is done for many volumes is done in groups:
// 8 of them, with 60 volumes each, of which each has 2 operations at most. Claims
// have a condition for each session that is over, and one more for their own.

const mostInGroup = 60;
/** Volumes in one request. */
export const mostInGroups = 8 * mostInGroup;

/** Cuts what goes into one request, in order. */
export function groupsOf<T>(items: readonly T[]): readonly T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += mostInGroup)
    groups.push(items.slice(from, from + mostInGroup));
  return groups;
}

/** A group that does all of this, in order. */
export function groupOf(operations: RequestOp[]): Uint8Array {
  return toBinary(TxnRequestSchema, allOf(operations));
}
