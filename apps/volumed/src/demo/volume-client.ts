import { setTimeout } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';

/** What a request came to, after all redirects and retries. */
export interface Outcome {
  readonly status: number;
  readonly body: Buffer;
  readonly redirects: number;
  readonly retries: number;
  /** How often a connection broke, and it was sent again. */
  readonly broken: number;
}

const mostRedirects = 5;
const patienceMs = 60_000;
const pauseAfterBreakMs = 200;

/**
 * A client of a cluster as it should be, and no more: it asks any peer, follows
 * redirects, and tries again when a peer says 503 with Retry-After, no sooner
 * than that. It repeats nothing that failed in any other way, but for what a peer
 * that was killed has not answered.
 */
export class VolumeClient {
  /** The URL of a peer that was killed: what breaks there is asked of the next one. */
  killed?: string;
  private readonly agent: Agent;
  private turn = 0;

  /** @param origins the URLs of the peers, which are asked in turn */
  constructor(
    private readonly origins: readonly string[],
    connectionsPerPeer: number,
  ) {
    this.agent = new Agent({ connections: connectionsPerPeer });
  }

  /** @throws Error when a connection fails, and when it takes too many redirects or too long. */
  async send(
    method: 'GET' | 'PUT',
    path: string,
    content?: string | Buffer,
  ): Promise<Outcome> {
    let start = this.next(path);
    const deadline = performance.now() + patienceMs;
    let url = start;
    let redirects = 0;
    let retries = 0;
    let broken = 0;
    for (;;) {
      const answer = await this.exchange(method, url, content).catch(
        (thrown: unknown) => {
          const isOver = performance.now() > deadline;
          if (url.origin !== this.killed || isOver) throw thrown;
        },
      );
      if (answer === undefined) {
        broken++;
        await setTimeout(pauseAfterBreakMs);
        url = start = this.next(path);
        continue;
      }
      const { location, 'retry-after': retryAfter } = answer.headers;
      if (answer.status === 307 && location !== undefined) {
        if (++redirects > mostRedirects * (retries + broken + 1)) {
          throw new Error(`${method} ${path} was redirected too often`);
        }
        url = new URL(location, url);
      } else if (answer.status === 503 && retryAfter !== undefined) {
        if (performance.now() > deadline) {
          throw new Error(`${method} ${path} was put off for too long`);
        }
        retries++;
        await setTimeout(Number(retryAfter) * 1_000);
        url = start;
      } else {
        const { status, body } = answer;
        return { status, body, redirects, retries, broken };
      }
    }
  }

  /** Resolves when what was asked has been answered. */
  close(): Promise<void> {
    return this.agent.close();
  }

  /** Ends all connections at once. */
  destroy(): Promise<void> {
    return this.agent.destroy();
  }

  private next(path: string): URL {
    return new URL(path, this.origins[this.turn++ % this.origins.length]);
  }

  private async exchange(
    method: Dispatcher.HttpMethod,
    { origin, pathname, search }: URL,
    content: string | Buffer = '',
  ) {
    const { statusCode, headers, body } = await this.agent.request({
      origin,
      path: pathname + search,
      method,
      ...(method === 'PUT' && { body: content }),
    });
    return {
      status: statusCode,
      headers: {
        location: headers['location']?.toString(),
        'retry-after': headers['retry-after']?.toString(),
      },
      body: Buffer.from(await body.arrayBuffer()),
    };
  }
}
