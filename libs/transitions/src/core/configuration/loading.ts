import type { ConfMap } from '@nestjs-transitions/conf';
import type { Clock } from '../time/clock.js';
import {
  ConfigurationLoadError,
  ConfigurationLoadTimeoutError,
  TransitionsError,
} from '../model/errors.js';
import type { StandIn } from './stale.js';

/**
 * Loads a configuration. The signal aborts when nobody waits for it any more,
 * because a Down has come or its time is up. `previous` is the configuration in
 * force as it was loaded, if there is one: sections that are read with it need
 * not be compared later.
 */
export type LoadConfiguration = (
  signal: AbortSignal,
  previous?: ConfMap,
) => ConfMap | Promise<ConfMap>;

/** Where a configuration comes from. */
export interface LoadRequest {
  readonly load: LoadConfiguration;
  /** What messages call the source, such as `file /etc/service.conf`. */
  readonly source?: string;
  /**
   * What a boot goes on with where the configuration cannot be loaded, or is
   * refused. Rejects where there is nothing. It may take as long as `load`.
   */
  readonly fallBack?: ((signal: AbortSignal) => Promise<StandIn>) | undefined;
  /**
   * Told of each configuration that has come into force, as it was loaded, before
   * its transition ends. It may take as long as `load`. If it rejects, or takes
   * longer, the report has a warning. The signal aborts when nobody waits any
   * more.
   */
  readonly inForce?:
    ((confMap: ConfMap, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * One attempt to load a configuration. It ends in time whatever the source
 * does; what the source does later is ignored.
 */
export class Loading {
  private readonly controller = new AbortController();
  private reject!: (cause: Error) => void;
  private readonly stopped = new Promise<never>((_resolve, reject) => {
    this.reject = reject;
  });

  constructor(
    private readonly request: LoadRequest,
    /** In milliseconds. */
    private readonly timeLimit: number,
    private readonly clock: Clock,
    /**
     * Aborts, with the cause, when nobody waits for the configuration any more.
     */
    signal?: AbortSignal,
  ) {
    // Nobody may be waiting yet. Whoever waits later still sees the rejection.
    this.stopped.catch(() => {});
    if (signal?.aborted) this.stop(signal.reason as Error);
    signal?.addEventListener('abort', () => this.stop(signal.reason as Error));
  }

  /**
   * The source is told which configuration is in force, if there is one.
   *
   * @throws ConfigurationLoadTimeoutError when its time is up, the cause it was
   * stopped with, or ConfigurationLoadError with what the source threw.
   */
  async run(previous?: ConfMap): Promise<ConfMap> {
    const cancelTimer = this.startTimer();
    try {
      return await Promise.race([this.stopped, this.fromSource(previous)]);
    } catch (thrown) {
      throw thrown instanceof TransitionsError
        ? thrown
        : new ConfigurationLoadError(thrown);
    } finally {
      cancelTimer();
    }
  }

  private stop(cause: Error): void {
    // First, since what the source throws when its signal aborts says less.
    this.reject(cause);
    this.controller.abort(cause);
  }

  private startTimer(): () => void {
    const { clock, request, timeLimit } = this;
    const startedAt = clock.now();
    return clock.startTimer(() => {
      const elapsedMs = clock.now() - startedAt;
      this.stop(new ConfigurationLoadTimeoutError(request.source, elapsedMs));
    }, timeLimit);
  }

  private async fromSource(previous?: ConfMap): Promise<ConfMap> {
    const { signal } = this.controller;
    signal.throwIfAborted();
    return this.request.load(signal, previous);
  }
}
