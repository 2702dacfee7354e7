import { followResult, isThenable } from './handler-result.js';
import type { VolumeVisit } from './volume-visit.js';

/**
 * Calls a handler inside the volumes of its request. The visit goes on until what
 * the handler returns has settled and, where that is a stream, has ended: whatever
 * interceptors make of it, and whether or not the client waits for it. When the
 * visit is aborted such a stream ends: one of events properly, any other so that
 * the client can tell.
 */
export function callInside(
  visit: VolumeVisit,
  handler: () => unknown,
): unknown {
  const end = visit.begin();
  const settle = (value: unknown): unknown => {
    try {
      return followResult(value, visit);
    } finally {
      end();
    }
  };
  const fail = (thrown: unknown): never => {
    end();
    throw thrown;
  };
  let result: unknown;
  try {
    result = handler();
  } catch (thrown) {
    return fail(thrown);
  }
  return isThenable(result)
    ? Promise.resolve(result).then(settle, fail)
    : settle(result);
}
