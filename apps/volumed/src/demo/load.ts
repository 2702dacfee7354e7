import { Tally } from './tally.js';
import type { VolumeClient } from './volume-client.js';

const sharedFile = 'shared.txt';
const shareOfPuts = 0.1;
const shareOfOwnGets = 0.2;

/** What a load is made of. */
export interface LoadOptions {
  readonly volumes: readonly string[];
  /** Each sends one request after the other. */
  readonly clients: number;
  readonly fileBytes: number;
}

/**
 * Clients that read and write in all volumes at random, and check what they
 * get: a file that never changes, and files of their own, in which they must
 * find what they stored last. Anything else is a failure: another status, other
 * content, a connection that breaks.
 */
export class Load {
  /** Of requests that saw no moment of a move, and of those that did. */
  readonly atRest = new Tally();
  readonly moving = new Tally();
  private readonly content: Buffer;
  private readonly watchers = new Set<() => void>();
  private moves = 0;
  private isMoving = false;
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: VolumeClient,
    private readonly options: LoadOptions,
  ) {
    this.content = Buffer.alloc(options.fileBytes, 'shared content\n');
  }

  get requests(): number {
    return this.atRest.requests + this.moving.requests;
  }

  /** Stores what the clients read, and lets them begin. @throws Error when it cannot be stored. */
  async start(): Promise<void> {
    const { volumes, clients } = this.options;
    for (const volume of volumes) {
      const path = `/volumes/${volume}/${sharedFile}`;
      const { status } = await this.client.send('PUT', path, this.content);
      if (status !== 201) throw new Error(`PUT ${path} was answered ${status}`);
    }
    this.running = Promise.all(
      Array.from({ length: clients }, (_, index) => this.run(index)),
    );
  }

  /** Does something that moves volumes. */
  async whileMoving(move: () => Promise<void>): Promise<void> {
    this.moves++;
    this.isMoving = true;
    try {
      await move();
    } finally {
      this.isMoving = false;
    }
  }

  /** Resolves when so many requests have been answered. */
  async until(requests: number): Promise<void> {
    while (this.requests < requests) {
      await new Promise<void>((resolve) => this.watchers.add(resolve));
    }
  }

  /** Lets the clients end; resolves when the last of them has its answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(index: number): Promise<void> {
    const stored = new Map<string, Buffer>();
    while (!this.stopped) {
      const { moves, isMoving } = this;
      const before = performance.now();
      const result = await this.one(index, stored);
      const sawMove = isMoving || this.isMoving || moves !== this.moves;
      const tally = sawMove ? this.moving : this.atRest;
      if (typeof result === 'string') tally.failed(result);
      else tally.succeeded(performance.now() - before, result);
      for (const wake of this.watchers) wake();
      this.watchers.clear();
    }
  }

  /** One request; why it failed, if it did. */
  private async one(index: number, stored: Map<string, Buffer>) {
    const { volumes } = this.options;
    const volume = volumes[Math.floor(Math.random() * volumes.length)]!;
    const own = `/volumes/${volume}/client-${index}.txt`;
    const dice = Math.random();
    if (dice < shareOfPuts) return this.put(own, stored);
    const expected = stored.get(own);
    return dice < shareOfPuts + shareOfOwnGets && expected !== undefined
      ? this.get(own, expected)
      : this.get(`/volumes/${volume}/${sharedFile}`, this.content);
  }

  private async put(path: string, stored: Map<string, Buffer>) {
    const content = Buffer.from(`${Math.random()} ${path}\n`.repeat(20));
    try {
      const outcome = await this.client.send('PUT', path, content);
      const { status, broken } = outcome;
      const expected = stored.has(path) ? 204 : 201;
      // What was sent again may have been stored the first time.
      if (status !== expected && !(broken > 0 && status === 204)) {
        return `PUT ${path} was answered ${status}: ${text(outcome.body)}`;
      }
      stored.set(path, content);
      return outcome;
    } catch (thrown) {
      return `PUT ${path}: ${String(thrown)}`;
    }
  }

  private async get(path: string, expected: Buffer) {
    try {
      const outcome = await this.client.send('GET', path);
      const { status, body } = outcome;
      if (status !== 200) {
        return `GET ${path} was answered ${status}: ${text(body)}`;
      }
      if (body.equals(expected)) return outcome;
      return `GET ${path} got ${text(body)} and not ${text(expected)}`;
    } catch (thrown) {
      return `GET ${path}: ${String(thrown)}`;
    }
  }
}

function text(content: Buffer): string {
  return JSON.stringify(content.toString('utf8', 0, 100));
}
