import { describe, expect, it } from 'vitest';
import { LeaseBench } from '../../testing/lease-bench.js';
import type { StoreMemory } from './lease-ports.js';

/** What is remembered over the end of a process, and what goes wrong with that. */
class Memory implements StoreMemory {
  isBroken: keyof StoreMemory | undefined;

  constructor(public storeId?: string) {}

  async recall(): Promise<string | undefined> {
    if (this.isBroken === 'recall') throw new Error('recall');
    return this.storeId;
  }

  async remember(storeId: string): Promise<void> {
    if (this.isBroken === 'remember') throw new Error('remember');
    this.storeId = storeId;
  }
}

/** What a claim hands out, as text. */
async function claim(bench: LeaseBench, volume: string): Promise<string[]> {
  const claimed = await bench.settle(bench.keeper.claim([volume]));
  return [...claimed.values()].map(({ token }) => `${volume}:${token}`);
}

describe('a session', () => {
  it('of a store that an earlier process knew otherwise is refused from the start (F72)', async () => {
    const memory = new Memory('an earlier one');
    const bench = new LeaseBench(memory);
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.news.slice(0, 3)).toEqual([
      'open',
      'session otherStore',
      'end',
    ]);
    expect(memory.storeId).toBe('an earlier one');
    bench.keeper.confirmStore('store');
    await bench.advance(100);
    expect(bench.keeper.session.state).toBe('open');
    expect(memory.storeId).toBe('store');
  });

  it('of the store that is remembered is opened, and nothing is written', async () => {
    const memory = new Memory('store');
    const bench = new LeaseBench(memory);
    memory.isBroken = 'remember';
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual(['a:11']);
  });

  it('is opened for good only when its store is remembered', async () => {
    const memory = new Memory();
    const bench = new LeaseBench(memory);
    memory.isBroken = 'remember';
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.news.slice(0, 3)).toEqual([
      'open',
      'end',
      'session unreachable',
    ]);
    memory.isBroken = undefined;
    await bench.advance(5_000);
    expect(bench.keeper.session.state).toBe('open');
    expect(memory.storeId).toBe('store');
  });

  it('is not opened as long as nobody can tell what was remembered', async () => {
    const memory = new Memory('store');
    const bench = new LeaseBench(memory);
    memory.isBroken = 'recall';
    bench.keeper.start();
    expect(await claim(bench, 'a')).toEqual([]);
    expect(bench.keeper.session).toMatchObject({
      state: 'unreachable',
      error: new Error('recall'),
    });
    expect(bench.news).not.toContain('open');
    memory.isBroken = undefined;
    await bench.advance(5_000);
    expect(bench.keeper.session.state).toBe('open');
  });
});
