/** Permission for one request to use a volume; dispose it when the request is done. */
export class VolumePass implements Disposable {
  private controller: AbortController | undefined;
  private inside = true;

  /** @internal Obtained from `VolumeGate.enter`. */
  constructor(
    readonly volumeName: string,
    private readonly entrance: VolumeEntrance,
  ) {}

  /** Aborts, with a DrainAbortedError, when the volume does not wait any longer. */
  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  /** The request is done, and does nothing in the volume any more. Once is enough. */
  [Symbol.dispose](): void {
    if (!this.inside) return;
    this.inside = false;
    this.entrance.leave(this);
  }

  /** @internal */
  abort(reason: Error): void {
    (this.controller ??= new AbortController()).abort(reason);
  }
}

/** The way into one volume that is served here, and those inside. */
export class VolumeEntrance {
  open = false;
  private readonly passes = new Set<VolumePass>();
  private whenEmpty: (() => void) | undefined;

  constructor(private readonly volumeName: string) {}

  get inside(): number {
    return this.passes.size;
  }

  enter(): VolumePass {
    const pass = new VolumePass(this.volumeName, this);
    this.passes.add(pass);
    return pass;
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

  abortAll(reason: Error): void {
    for (const pass of this.passes) pass.abort(reason);
  }
}
