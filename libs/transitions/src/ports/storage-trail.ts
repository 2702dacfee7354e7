import { AsyncLocalStorage } from 'node:async_hooks';
import type { Trail } from './trail.js';

// One for all: under Node 20 every storage that was ever used is kept for good.
const storage = new AsyncLocalStorage<StorageTrail>();

/** A trail that AsyncLocalStorage follows, which costs nothing from Node 24 on. */
export class StorageTrail implements Trail {
  /** A trail that this one lies on. */
  private readonly around: StorageTrail | undefined =
    storage.getStore()?.nearest;
  private hasEnded = false;

  run<T>(work: () => T): T {
    return storage.run(this, work);
  }

  get isHere(): boolean {
    let trail = storage.getStore()?.nearest;
    while (trail !== undefined && trail !== this) trail = trail.around?.nearest;
    return trail !== undefined;
  }

  end(): void {
    this.hasEnded = true;
  }

  /** This one, or the nearest around it, that has not ended. */
  get nearest(): StorageTrail | undefined {
    // Those that have ended are skipped, or a reload that a timer of a reload
    // asks for would hold on to all that were before it.
    return this.hasEnded ? this.around?.nearest : this;
  }
}
