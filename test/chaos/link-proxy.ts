import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/**
 * What becomes of what passes. `refused`: connections break, and none can be made.
 * `silent`: nothing arrives on either side, and nothing breaks. `requestsHeld`,
 * `repliesHeld`: the same in one direction. `slow`: all is late.
 */
export type LinkState =
  'up' | 'refused' | 'silent' | 'requestsHeld' | 'repliesHeld' | 'slow';

/** What becomes of what was held when the link is up again. */
export type Healing = 'flush' | 'break';

const slowBy = 300;

/** The link of one peer to its store: a TCP proxy on a port of 127.0.0.1. */
export class LinkProxy {
  private state: LinkState = 'up';
  private readonly connections = new Set<Connection>();
  private repliesLeft = Infinity;
  private onCut = (): void => {};

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {
    server.on('connection', (socket) => this.accept(socket));
  }

  /** @param target - host:port */
  static async to(target: string): Promise<LinkProxy> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new LinkProxy(server, target);
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  set(state: LinkState): void {
    this.state = state;
    for (const connection of this.connections) connection.follow(state);
  }

  /** All passes again: what was held comes late, or never. */
  heal(healing: Healing): void {
    this.repliesLeft = Infinity;
    if (healing === 'break') this.breakAll();
    this.set('up');
  }

  /**
   * After so many bytes of replies all connections break, in the middle of
   * whatever that is. Resolves when they do.
   */
  cutAfter(bytes: number): Promise<void> {
    this.repliesLeft = bytes;
    return new Promise((resolve) => {
      this.onCut = resolve;
    });
  }

  async close(): Promise<void> {
    this.server.close();
    this.breakAll();
    await once(this.server, 'close');
  }

  private breakAll(): void {
    for (const connection of this.connections) connection.destroy();
  }

  private accept(socket: Socket): void {
    if (this.state === 'refused') {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.target, {
      replied: (chunk) => this.cut(chunk),
      closed: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
    connection.follow(this.state);
  }

  /** What is still let through of a reply. */
  private cut(chunk: Buffer): Buffer {
    if (chunk.length < this.repliesLeft) {
      this.repliesLeft -= chunk.length;
      return chunk;
    }
    const part = chunk.subarray(0, this.repliesLeft);
    this.repliesLeft = Infinity;
    setImmediate(() => {
      this.breakAll();
      this.onCut();
    });
    return part;
  }
}

interface ConnectionListener {
  readonly replied: (chunk: Buffer) => Buffer;
  readonly closed: () => void;
}

class Connection {
  private readonly requests: Pipe;
  private readonly replies: Pipe;
  private readonly outward: Socket;

  constructor(
    private readonly inward: Socket,
    target: string,
    listener: ConnectionListener,
  ) {
    const [host, port] = target.split(':');
    this.outward = connect({ host: host!, port: Number(port) });
    const end = (): void => this.destroy();
    this.requests = new Pipe(inward, this.outward, (chunk) => chunk, end);
    this.replies = new Pipe(this.outward, inward, listener.replied, end);
    inward.once('close', listener.closed);
  }

  follow(state: LinkState): void {
    if (state === 'refused') return this.destroy();
    const isSilent = state === 'silent';
    const delay = state === 'slow' ? slowBy : 0;
    this.requests.set(isSilent || state === 'requestsHeld', delay);
    this.replies.set(isSilent || state === 'repliesHeld', delay);
  }

  destroy(): void {
    this.requests.stop();
    this.replies.stop();
    this.inward.destroy();
    this.outward.destroy();
  }
}

/** One direction: what comes goes on in its order, at once, late, or when it is no longer held. */
class Pipe {
  private readonly queue: { readonly chunk: Buffer; readonly due: number }[] =
    [];
  private isHeld = false;
  private delay = 0;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly passed: (chunk: Buffer) => Buffer,
    /** Nothing more comes, and all that came has gone on. */
    private readonly ended: () => void,
  ) {
    from.on('data', (chunk: Buffer) => {
      this.queue.push({ chunk, due: performance.now() + this.delay });
      this.pump();
    });
    // It is followed by its close.
    from.on('error', () => {});
    from.on('close', () => {
      this.hasEnded = true;
      this.pump();
    });
  }

  set(isHeld: boolean, delay: number): void {
    this.isHeld = isHeld;
    this.delay = delay;
    this.pump();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.length = 0;
  }

  private pump(): void {
    clearTimeout(this.timer);
    while (!this.isHeld) {
      const [first] = this.queue;
      if (first === undefined) {
        if (this.hasEnded) this.ended();
        return;
      }
      const left = first.due - performance.now();
      if (left > 0) {
        this.timer = setTimeout(() => this.pump(), left);
        return;
      }
      this.queue.shift();
      if (!this.to.destroyed) this.to.write(this.passed(first.chunk));
    }
  }
}
