import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

const connections = 16;

/** The result of reading files over and over. */
export interface Reading {
  readonly milliseconds: number;
  /**
   * How busy this process was, from 0 to 1. At 1 it has only measured itself.
   */
  readonly busy: number;
}

/** Reads files from a server, in turn, over connections that are kept alive. */
export class Readers {
  private readonly pool: Pool;

  constructor(
    origin: string,
    private readonly paths: readonly string[],
  ) {
    this.pool = new Pool(origin, { connections });
  }

  /** @throws Error if an answer is anything but the file. */
  async read(count: number): Promise<Reading> {
    const before = performance.eventLoopUtilization();
    const began = performance.now();
    let next = 0;
    const readOn = async (): Promise<void> => {
      while (next < count) await this.readOne(next++);
    };
    await Promise.all(Array.from({ length: connections }, readOn));
    return {
      milliseconds: performance.now() - began,
      busy: performance.eventLoopUtilization(before).utilization,
    };
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private readOne(number: number): Promise<void> {
    const path = this.paths[number % this.paths.length]!;
    return new Promise((resolve, reject) => {
      let status = 0;
      this.pool.dispatch(
        { method: 'GET', path },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, statusCode) => {
            status = statusCode;
          },
          onResponseData: () => {},
          onResponseEnd: () => {
            if (status === 200) resolve();
            else reject(new Error(`GET ${path} was answered ${status}`));
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }
}
