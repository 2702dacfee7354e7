import { mostInGroups } from './groups.js';

// etcd's --max-request-bytes is 1.5 MiB.
const mostBytes = 512 * 1024;

/**
 * Cuts a list into requests that etcd takes, in order. What names the same
 * volume twice comes in two of them, as etcd writes a key only once in one.
 *
 * @param bytesOf - about as much as an item takes in the request
 */
export function* batches<T>(
  items: readonly T[],
  volumeOf: (item: T) => string,
  bytesOf: (item: T) => number,
): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  let volumes = new Set<string>();
  for (const item of items) {
    const size = bytesOf(item);
    const isFull = batch.length === mostInGroups || bytes + size > mostBytes;
    if (batch.length > 0 && (isFull || volumes.has(volumeOf(item)))) {
      yield batch;
      batch = [];
      bytes = 0;
      volumes = new Set();
    }
    batch.push(item);
    bytes += size;
    volumes.add(volumeOf(item));
  }
  if (batch.length > 0) yield batch;
}

/** So many requests are on their way at a time: etcd writes one while the next one is made. */
const mostAtOnce = 3;

/**
 * Runs something for each batch, a few at a time. The results keep the order.
 * After a failure no other batch is begun; rejects when all that were are done.
 */
export async function eachBatch<T, R>(
  all: Iterable<T[]>,
  run: (batch: T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const results: (readonly R[])[] = [];
  const failures: unknown[] = [];
  const entries = [...all].entries();
  const work = async (): Promise<void> => {
    for (const [index, batch] of entries) {
      if (failures.length > 0) return;
      try {
        results[index] = await run(batch);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  if (failures.length > 0) throw failures[0];
  return results.flat();
}
