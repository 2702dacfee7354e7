import { LeaseLostError } from '../core/leases/lease-lost.error.js';

/** How the volume is held at this very moment; undefined where it is not. */
export type LeaseNow = () => { readonly token: bigint } | undefined;

/** Permission for one request to use a volume; dispose it when the request is done. */
export class VolumePass implements Disposable {
  /** @internal What holds it, such as `FilesController.read`; for messages. */
  holder: string | undefined;
  private controller: AbortController | undefined;
  private abortListener: ((reason: Error) => void) | undefined;
  private isDisposed = false;

  /** @internal Obtained from `VolumeGate.enter`. */
  constructor(
    readonly volumeName: string,
    private readonly entrance: VolumeEntrance,
    /**
     * Where leases are on: the token of the claim under which the request was let
     * in. Give it to whatever keeps the data, and let that refuse an older one.
     */
    readonly fencingToken?: bigint,
  ) {}

  /**
   * Right before something is written. It looks at the clock, so it tells a process
   * too that was stopped and goes on. Without leases it does nothing.
   *
   * @throws LeaseLostError where leases are on and the volume is not held any more
   * as it was when the request was let in.
   */
  assertHeld(): void {
    const { volumeName, fencingToken, entrance } = this;
    if (entrance.lease === undefined) return;
    const token = entrance.lease()?.token;
    if (token === undefined || token !== fencingToken) {
      throw new LeaseLostError(volumeName, fencingToken);
    }
  }

  /**
   * Aborts, with a DrainAbortedError, when the volume does not wait any longer.
   * Under `@UseVolume` also with a ClientGoneError, when the request's connection
   * is gone before it was answered.
   */
  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  /** The request is done, and does nothing in the volume any more. Once is enough. */
  [Symbol.dispose](): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.entrance.leave(this);
  }

  /** @internal Cheaper than to listen to the signal, which most requests never need. */
  whenAborted(listener: (reason: Error) => void): void {
    this.abortListener = listener;
    if (this.controller?.signal.aborted === true) {
      listener(this.controller.signal.reason as Error);
    }
  }

  /** @internal Once is enough. */
  abort(reason: Error): void {
    this.controller ??= new AbortController();
    if (this.controller.signal.aborted) return;
    this.controller.abort(reason);
    this.abortListener?.(reason);
  }
}

/** The way into one volume that is served here, and those inside. */
export class VolumeEntrance {
  isOpen = true;
  /** Its unserveVolume was called, however that ended. */
  isLeaving = false;
  private readonly passes = new Set<VolumePass>();
  private whenEmpty: (() => void) | undefined;
  private abortedBy: Error | undefined;

  constructor(
    readonly volumeName: string,
    /** Undefined where no leases are on. */
    readonly lease?: LeaseNow,
  ) {}

  /** Whether those inside are told to leave. */
  get isAborted(): boolean {
    return this.abortedBy !== undefined;
  }

  get inside(): number {
    return this.passes.size;
  }

  /** Whether a request would be let in at this moment. */
  get admits(): boolean {
    return (
      this.isOpen && (this.lease === undefined || this.lease() !== undefined)
    );
  }

  /**
   * Lets a request in, which may be part of one that is inside; undefined where
   * it may not enter. It looks at the clocks once.
   */
  tryToEnter(within: VolumePass | undefined): VolumePass | undefined {
    const mayEnter =
      this.isOpen || (within !== undefined && this.passes.has(within));
    if (!mayEnter) return undefined;
    if (this.lease === undefined) return this.enterWith(undefined);
    const held = this.lease();
    return held && this.enterWith(held.token);
  }

  /** Lets in a request that has waited until the volume opened. */
  enter(): VolumePass {
    return this.enterWith(this.lease?.()?.token);
  }

  leave(pass: VolumePass): void {
    this.passes.delete(pass);
    if (this.passes.size === 0) this.whenEmpty?.();
  }

  /** Resolves when nobody is inside. */
  empty(): Promise<void> {
    if (this.passes.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenEmpty = resolve;
    });
  }

  /** What holds the passes of those inside, as far as that is known. */
  get holders(): ReadonlySet<string> {
    const names = [...this.passes].map(({ holder }) => holder);
    return new Set(names.filter((name) => name !== undefined));
  }

  abortAll(reason: Error): void {
    this.abortedBy = reason;
    for (const pass of this.passes) pass.abort(reason);
  }

  private enterWith(token: bigint | undefined): VolumePass {
    const pass = new VolumePass(this.volumeName, this, token);
    this.passes.add(pass);
    if (this.abortedBy !== undefined) pass.abort(this.abortedBy);
    return pass;
  }
}
