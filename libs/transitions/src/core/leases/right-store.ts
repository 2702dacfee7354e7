import { callWithin, type CallLimit } from './bounded-call.js';
import type { StoreMemory } from './lease-ports.js';
import { LeaseStoreNotFoundError } from './lease-store-not-found.error.js';

const memoryName = 'What remembers the lease store';

/**
 * Which store is the right one: that which an earlier process used, or the first one
 * that answers. Of any other the tokens may be lower than those that were given out.
 */
export class RightStore {
  private id: string | undefined;
  /** What the memory has of it. */
  private remembered: string | undefined;
  /** Another one that has answered since a session was open. */
  private other: string | undefined;

  /** @param memory - undefined: each process begins anew */
  constructor(private readonly memory: StoreMemory | undefined) {}

  /** Undefined as long as it is not known. */
  get expected(): string | undefined {
    return this.id;
  }

  /** Whether it is the one that answers. If it is not known yet, it is from now on. */
  isIt(storeId: string): boolean {
    this.id ??= storeId;
    return storeId === this.id;
  }

  /** Another one has answered. */
  foundOther(storeId: string): void {
    this.other = storeId;
  }

  /** It has answered, and a session is open there. */
  isBack(): void {
    this.other = undefined;
  }

  /**
   * From now on it is this one.
   *
   * @returns whether it was not before
   * @throws LeaseStoreNotFoundError unless it was found
   */
  confirm(storeId: string): boolean {
    const { id: expected, other: found } = this;
    if (storeId === expected) return false;
    if (storeId !== found) {
      throw new LeaseStoreNotFoundError(storeId, { expected, found });
    }
    this.id = storeId;
    return true;
  }

  /** Which one an earlier process used, unless it is known. */
  async recall(limit: CallLimit): Promise<void> {
    const { memory } = this;
    if (memory === undefined || this.id !== undefined) return;
    this.remembered = await callWithin({ ...limit, asked: memoryName }, () =>
      memory.recall(),
    );
    this.id ??= this.remembered;
  }

  /** For the processes that come later. */
  async remember(limit: CallLimit): Promise<void> {
    const { memory, id } = this;
    if (memory === undefined || id === undefined) return;
    if (id === this.remembered) return;
    await callWithin({ ...limit, asked: memoryName }, () =>
      memory.remember(id),
    );
    this.remembered = id;
  }
}
