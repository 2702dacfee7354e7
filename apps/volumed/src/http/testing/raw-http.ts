import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One answer, as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One connection on which a test writes what no client library would. */
export class RawConnection {
  /** What was received and is not read yet. */
  private chunks: Buffer[] = [];
  private byteLength = 0;
  private ended = false;
  /** How the connection failed; undefined when it was closed in order. */
  failure: Error | undefined;
  private wake = (): void => {};

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.byteLength += chunk.byteLength;
      this.wake();
    });
    socket.on('error', (error) => (this.failure = error));
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
  }

  /** Connects to a server on this machine. */
  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends bytes (latin1) as they are. */
  send(text: string): this {
    this.socket.write(Buffer.from(text, 'latin1'));
    return this;
  }

  /** Reads the next answer; `toHead` says that it has no body in spite of its length. */
  async next(options: { toHead?: boolean } = {}): Promise<RawAnswer> {
    const end = await this.find('\r\n\r\n');
    const [statusLine = '', ...lines] = this.take(end + 4)
      .trim()
      .split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        const name = line.slice(0, colon).toLowerCase();
        return [name, line.slice(colon + 1).trim()] as const;
      }),
    );
    const length = options.toHead ? 0 : Number(headers['content-length'] ?? 0);
    await this.until(() => this.byteLength >= length);
    const status = Number(statusLine.split(' ')[1]);
    return { status, headers, body: this.take(length) };
  }

  /** Settles when the server has closed the connection; gives what was not read. */
  async closed(): Promise<string> {
    await this.until(() => this.ended).catch(() => {});
    return this.take(this.byteLength);
  }

  private async find(mark: string): Promise<number> {
    await this.until(() => this.joined().includes(mark));
    return this.joined().indexOf(mark);
  }

  private take(length: number): string {
    const received = this.joined();
    const rest = received.subarray(length);
    this.chunks = [rest];
    this.byteLength = rest.byteLength;
    return received.toString('latin1', 0, length);
  }

  private joined(): Buffer {
    const [only = Buffer.alloc(0), ...more] = this.chunks;
    if (more.length === 0) return only;
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined;
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error('the server closed the connection');
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** Sends one request on a connection of its own, with its target exactly as written. */
export async function rawRequest(
  port: number,
  method: string,
  target: string,
  options: { headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<RawAnswer> {
  const connection = await RawConnection.open(port);
  const { body = '' } = options;
  const headers = {
    Host: 'test',
    ...(body !== '' && { 'Content-Length': `${body.length}` }),
    ...options.headers,
  };
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  connection.send(
    `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`,
  );
  try {
    return await connection.next({ toHead: method === 'HEAD' });
  } finally {
    connection.socket.destroy();
  }
}
