/** Runs the actions of one key one after another; other keys do not wait. */
export class KeyedMutex {
  private readonly tails = new Map<string, Promise<void>>();

  /** Settles as `action` does; an earlier failure of the key does not matter. */
  async run<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.tails.get(key) ?? Promise.resolve();
    const result = before.then(action);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }
}
