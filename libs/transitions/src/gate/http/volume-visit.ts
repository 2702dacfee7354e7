import { systemClock } from '../../ports/system-clock.js';
import type { VolumePass } from '../volume-entrance.js';
import type { VolumeGate } from '../volume.gate.js';
import { ClientGoneError } from './client-gone.error.js';
import type { HttpExchange } from './http-exchange.js';
import type { RequestedVolume } from './volume-parameters.js';

/**
 * The stay of a request under `@UseVolume` in the volumes that it has entered. It
 * is inside of them as long as anything of it goes on: its response, its
 * interceptors, its handler, or a stream that the handler returned. Then it leaves
 * them, the last one first, and does not come back.
 *
 * As soon as one of the volumes does not wait any longer, or the client has gone,
 * the signals of all its passes abort, and a response that is streamed ends.
 */
export class VolumeVisit {
  private readonly passes = new Map<string, VolumePass>();
  private readonly abortListeners = new Set<(reason: Error) => void>();
  private goingOn = 0;
  private isOver = false;
  private reason: Error | undefined;
  private readonly startedAt = systemClock.now();

  constructor(
    private readonly gate: VolumeGate,
    private readonly exchange: HttpExchange,
    /** What messages call the handler. */
    private readonly handlerName: string,
    /** Its response is a stream of events, which the handler's result ends. */
    readonly hasEvents: boolean,
  ) {
    const end = this.begin();
    exchange.whenOver((isComplete) => {
      if (!isComplete) this.abort(new ClientGoneError());
      end();
    });
  }

  /** Why it has to end; undefined while it need not. */
  get abortedBy(): Error | undefined {
    return this.reason;
  }

  /** Of the volume that is named, or of the one that was entered last. */
  pass(volumeName?: string): VolumePass | undefined {
    if (volumeName !== undefined) return this.passes.get(volumeName);
    return [...this.passes.values()].at(-1);
  }

  /**
   * Enters a volume, once however often it is asked to. Returns a promise where it
   * has to wait for that; the time counts from the beginning of the visit.
   *
   * @throws VolumeNotServedError
   */
  enter({ volumeName, waitMs }: RequestedVolume): Promise<void> | undefined {
    if (this.passes.has(volumeName)) return undefined;
    this.refuseOver();
    if (waitMs > 0 && !this.gate.isOpen(volumeName)) {
      const elapsedMs = systemClock.now() - this.startedAt;
      return this.awaitVolume(volumeName, waitMs - elapsedMs);
    }
    this.keep(this.gate.enter(volumeName));
    return undefined;
  }

  /** Something begins that goes on inside; returns what ends it. Once is enough. */
  begin(): () => void {
    this.refuseOver();
    this.goingOn++;
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      if (--this.goingOn === 0) this.leave();
    };
  }

  /**
   * Calls back when the visit has to end, at once where it has to already.
   * Returns what takes that back.
   */
  whenAborted(listener: (reason: Error) => void): () => void {
    if (this.reason === undefined) this.abortListeners.add(listener);
    else listener(this.reason);
    return () => this.abortListeners.delete(listener);
  }

  /** Breaks the response off, so that the client does not take it for complete. */
  cutResponse(): void {
    this.exchange.cut();
  }

  /** Rejects with why the visit has to end, where it has to while it waits. */
  private async awaitVolume(volumeName: string, waitMs: number): Promise<void> {
    const controller = new AbortController();
    const forget = this.whenAborted((reason) => controller.abort(reason));
    const end = this.begin();
    try {
      const { signal } = controller;
      this.keep(await this.gate.admit(volumeName, { waitMs, signal }));
      signal.throwIfAborted();
    } finally {
      forget();
      end();
    }
  }

  private keep(pass: VolumePass): void {
    pass.holder = this.handlerName;
    this.passes.set(pass.volumeName, pass);
    pass.whenAborted((reason) => this.abort(reason));
  }

  private abort(reason: Error): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    for (const pass of this.passes.values()) pass.abort(reason);
    for (const listener of this.abortListeners) listener(reason);
    if (this.exchange.isStreaming && !this.hasEvents) this.cutResponse();
  }

  private leave(): void {
    this.isOver = true;
    for (const pass of [...this.passes.values()].reverse()) {
      pass[Symbol.dispose]();
    }
  }

  // A handler that was waited for too long may begin after its request was answered.
  private refuseOver(): void {
    if (!this.isOver) return;
    throw (
      this.reason ?? new Error('The request was answered before it got here')
    );
  }
}
