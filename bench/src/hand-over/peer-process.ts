import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Told } from './peer.js';
import type { Shape } from '../configuration.js';
import { small, type Placement } from './placements.js';

const program = fileURLToPath(new URL('peer.js', import.meta.url));

/** A peer in a process of its own. Disposing of it has it go down. */
export class PeerProcess implements AsyncDisposable {
  /** When each volume was served last, and unserved last. */
  readonly served = new Map<string, number>();
  readonly unserved = new Map<string, number>();
  /** In milliseconds, as of the last transition. */
  longestBlock = 0;
  private downBegunAt: number | undefined;
  private reloads = 0;
  private news = (): void => {};
  private readonly child: ChildProcess;

  constructor(number: number, endpoint: string, shape: Shape = small) {
    this.child = fork(program, [`${number}`, endpoint, JSON.stringify(shape)]);
    this.child.on('message', (told) => this.hear(told as Told));
    this.child.once('exit', () => this.news());
  }

  /** Resolves when it is up. */
  up(): Promise<void> {
    return this.until(() => this.served.size > 0);
  }

  /** Reloads it. What it waits for comes later. */
  async reload(placement: Placement): Promise<void> {
    const { reloads } = this;
    this.child.send(placement satisfies Order);
    await this.until(() => this.reloads > reloads);
  }

  /** Has it go down. Resolves, when it is down, to when that began. */
  async down(): Promise<number> {
    this.child.send('down' satisfies Order);
    await this.until(() => this.downBegunAt !== undefined);
    return this.downBegunAt!;
  }

  /** From now on its longest block is told with each transition. */
  watch(): void {
    this.child.send('watch' satisfies Order);
  }

  /** Resolves when it has served all of these since a moment. */
  serves(volumes: readonly string[], since: number): Promise<void> {
    return this.until(() =>
      volumes.every((volume) => (this.served.get(volume) ?? 0) > since),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private get hasEnded(): boolean {
    const { exitCode, signalCode } = this.child;
    return exitCode !== null || signalCode !== null;
  }

  private hear(told: Told): void {
    const { kind, served, unserved } = told;
    this.longestBlock = told.longestBlock;
    this.downBegunAt = told.downBegunAt;
    for (const [volume, at] of served) this.served.set(volume, at);
    for (const [volume, at] of unserved) this.unserved.set(volume, at);
    if (kind === 'signaled') this.reloads++;
    this.news();
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.hasEnded) throw new Error('A peer has ended');
      await new Promise<void>((resolve) => {
        this.news = resolve;
      });
    }
  }
}
