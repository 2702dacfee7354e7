import { setTimeout as wait } from 'node:timers/promises';
import { Channel } from './channel.js';
import type { Endpoint } from './endpoints.js';
import { EtcdError, leasesClosed } from './etcd-error.js';
import type { EtcdTls } from './tls.js';

const connectTimeout = 1_500;
const firstBackOff = 200;
const longestBackOff = 2_000;

/**
 * One channel at a time, to one member after the other. The next member is
 * tried at once. When all were tried in vain, there is a pause before the next
 * round. Nothing is tried while nobody asks.
 */
export class Channels {
  private current: Channel | undefined;
  private attempt: Promise<Channel | undefined> | undefined;
  private next = 0;
  /** In a row. */
  private failures = 0;
  private failedAt = 0;
  private readonly reasons = new Map<Endpoint, string>();
  private readonly closing = new AbortController();

  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly tls: EtcdTls | undefined,
  ) {}

  /**
   * A channel that is connected. Rejects when no member can be reached, or when
   * the signal is aborted.
   */
  async ready(signal: AbortSignal): Promise<Channel> {
    for (let attempts = 0; ; attempts++) {
      if (this.closing.signal.aborted) throw new EtcdError(leasesClosed);
      if (signal.aborted) throw this.unreachable(signal.reason);
      if (this.current?.isReady) return this.current;
      if (attempts > this.endpoints.length) throw this.unreachable();
      this.attempt ??= this.connect();
      await settledOrAborted(this.attempt, signal);
    }
  }

  /** Takes another channel from now on. Calls on this one go on. */
  leave(channel: Channel, reason: string): void {
    if (channel !== this.current) return;
    this.current = undefined;
    this.reasons.set(channel.endpoint, reason);
    this.next++;
    channel.close();
  }

  close(): void {
    this.closing.abort();
    this.current?.close();
    this.current = undefined;
  }

  private async connect(): Promise<Channel | undefined> {
    try {
      if (this.current !== undefined)
        this.leave(this.current, 'the connection broke');
      await this.pause();
      const endpoint = this.endpoints[this.next % this.endpoints.length]!;
      const channel = new Channel(endpoint, this.tls);
      const reason = await channel.connect(connectTimeout);
      if (reason === undefined && !this.closing.signal.aborted) {
        this.failures = 0;
        this.reasons.clear();
        return (this.current = channel);
      }
      channel.close();
      this.next++;
      this.failures++;
      this.failedAt = performance.now();
      this.reasons.set(endpoint, reason ?? 'closed');
      return undefined;
    } finally {
      this.attempt = undefined;
    }
  }

  private async pause(): Promise<void> {
    const rounds = Math.floor(this.failures / this.endpoints.length);
    if (rounds === 0 || this.failures % this.endpoints.length > 0) return;
    const pause = Math.min(longestBackOff, firstBackOff * 2 ** (rounds - 1));
    const left = this.failedAt + pause - performance.now();
    if (left <= 0) return;
    await wait(left, undefined, { signal: this.closing.signal }).catch(
      () => undefined,
    );
  }

  private unreachable(cause?: unknown): EtcdError {
    const reasons = [...this.reasons].map(
      ([endpoint, reason]) => `${endpoint}: ${reason}`,
    );
    const why =
      reasons.length > 0 ? reasons.join('; ') : 'there was no time to connect';
    return new EtcdError(`etcd cannot be reached: ${why}`, undefined, cause);
  }
}

async function settledOrAborted(
  promise: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    // oxlint-disable-next-line promise/no-callback-in-promise -- it is no node-style callback
    promise.then(done, done);
  });
}
