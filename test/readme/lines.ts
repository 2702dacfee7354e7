import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';

// How long a line may take on a machine that is busy with other tests.
const patienceMs = 60_000;

/** The lines that a process prints. A test waits for one after the other. */
export interface Lines {
  /**
   * Resolves with the next line that contains a text. Rejects if none comes,
   * with everything printed since.
   */
  until(text: string): Promise<string>;
}

/** Reads streams line by line, mixed as they come. */
export function linesOf(...streams: readonly Readable[]): Lines {
  const input = new PassThrough();
  for (const stream of streams) stream.pipe(input);
  const iterator = createInterface({ input })[Symbol.asyncIterator]();
  const until = async (text: string): Promise<string> => {
    const seen: string[] = [];
    const timeout = AbortSignal.timeout(patienceMs);
    const expired = new Promise<never>((_resolve, reject) => {
      timeout.addEventListener('abort', () =>
        reject(new Error(`No line with "${text}"; got:\n${seen.join('\n')}`)),
      );
    });
    for (;;) {
      const next = await Promise.race([iterator.next(), expired]);
      if (next.done) {
        throw new Error(`The end came before "${text}":\n${seen.join('\n')}`);
      }
      seen.push(next.value);
      if (next.value.includes(text)) return next.value;
    }
  };
  return { until };
}
