import type { Request, Response } from 'express';
import type { RequestLogEntry } from './request-log.js';

/** The status of a request whose client went away before any answer, as nginx has it. */
const CLIENT_GONE = 499;

/** What is known of a request so far; begins when it is made. */
export class RequestProgress {
  /** Decoded name of the volume. */
  volume: string | null = null;
  /** The peer that the request was sent on to. */
  peer: string | null = null;
  /** Bytes of content sent, or stored. */
  bytes = 0;
  /** Status of the answer. */
  status = CLIENT_GONE;
  private readonly startedAt = performance.now();

  /** The line for the log, once the request is over. */
  toLogEntry(request: Request, response: Response): RequestLogEntry {
    const path = request.originalUrl;
    const queryAt = path.indexOf('?');
    return {
      time: new Date().toISOString(),
      method: request.method,
      volume: this.volume,
      path: queryAt < 0 ? path : path.slice(0, queryAt),
      status: this.status,
      bytes: this.bytes,
      ms: Math.round((performance.now() - this.startedAt) * 1000) / 1000,
      peer: this.peer,
      client: request.socket.remoteAddress ?? null,
      aborted: !response.writableFinished,
    };
  }
}
