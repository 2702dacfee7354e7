import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { now, type ResourceEvent } from './history.js';

interface Write {
  readonly id: number;
  readonly who: string;
  readonly volume: string;
  readonly token: number;
}

/**
 * Where peers write, over a network of its own: it has the last word. A write
 * whose token is older than one that it has seen of the volume is turned away.
 */
export class ResourceServer {
  /** False: a seeded bug, it takes whatever comes. */
  checksTokens = true;
  accepted = 0;
  refused = 0;
  private readonly newest = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly note: (event: ResourceEvent) => void,
  ) {
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      createInterface({ input: socket })
        .on('line', (line) => {
          const write = JSON.parse(line) as Write;
          const accepted = this.take(write);
          if (socket.destroyed) return;
          socket.write(`${JSON.stringify({ id: write.id, accepted })}\n`);
        })
        // It repeats the errors of its socket.
        .on('error', () => {});
      this.server.once('closing', () => socket.destroy());
    });
    server.setMaxListeners(0);
  }

  static async start(
    note: (event: ResourceEvent) => void,
  ): Promise<ResourceServer> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new ResourceServer(server, note);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.emit('closing');
    await once(this.server, 'close');
  }

  private take({ who, volume, token }: Write): boolean {
    const newest = this.newest.get(volume) ?? 0;
    const accepted = token >= newest || !this.checksTokens;
    if (accepted) {
      this.newest.set(volume, Math.max(newest, token));
      this.accepted++;
    } else {
      this.refused++;
    }
    this.note({ at: now(), type: 'written', who, volume, token, accepted });
    return accepted;
  }
}
