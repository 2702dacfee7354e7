import type { Socket } from 'node:net';

/** The request of Express, or that of Fastify, which has Node's as `raw`. */
export interface HttpRequest {
  readonly raw?: NodeRequest;
  /** A wildcard of Express is the list of its segments. */
  readonly params: Readonly<
    Record<string, string | readonly string[] | undefined>
  >;
}

/** The response of Express, or the reply of Fastify, which has Node's response as `raw`. */
export interface HttpResponse {
  readonly raw?: NodeResponse;
  header(name: string, value: string): unknown;
}

interface NodeRequest {
  readonly socket: Socket;
}

interface NodeResponse {
  readonly closed: boolean;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Undefined with HTTP/2. */
  readonly writableFinished?: boolean;
  once(event: 'close' | 'finish', listener: () => void): unknown;
  off(event: 'close' | 'finish', listener: () => void): unknown;
  destroy(): unknown;
}

/** A request and its response, whichever server of Nest has them. */
export class HttpExchange {
  private readonly socket: Socket;
  private readonly answer: NodeResponse;

  constructor(request: HttpRequest, response: HttpResponse) {
    this.socket = ((request.raw ?? request) as NodeRequest).socket;
    this.answer = (response.raw ?? response) as NodeResponse;
  }

  /** The response has begun and has not ended: it is streamed. */
  get isStreaming(): boolean {
    return this.answer.headersSent && !this.answer.writableEnded;
  }

  /** Breaks the response off, so that the client does not take it for complete. */
  cut(): void {
    this.answer.destroy();
  }

  /**
   * Calls back once, when the response is finished (its connection may be kept
   * alive) or its connection is gone; at once where that has happened already.
   * Says whether the response was complete.
   */
  whenOver(over: (isComplete: boolean) => void): void {
    const { answer, socket } = this;
    if (answer.closed || socket.destroyed) return over(this.isComplete);
    const settle = (): void => {
      answer.off('finish', settle);
      answer.off('close', settle);
      listenersOf(socket).delete(settle);
      over(this.isComplete);
    };
    answer.once('finish', settle);
    answer.once('close', settle);
    // A response that waits for those pipelined before it has no socket yet, and
    // hears nothing of its close.
    listenersOf(socket).add(settle);
  }

  private get isComplete(): boolean {
    return this.answer.writableFinished ?? this.answer.writableEnded;
  }
}

const closeListeners = new WeakMap<Socket, Set<() => void>>();

/** One listener for all requests of a connection: Node warns of more than ten. */
function listenersOf(socket: Socket): Set<() => void> {
  let listeners = closeListeners.get(socket);
  if (listeners === undefined) {
    const all = new Set<() => void>();
    socket.once('close', () => all.forEach((listener) => listener()));
    closeListeners.set(socket, all);
    listeners = all;
  }
  return listeners;
}
