import { printable } from './printable.js';

/** One finished request. */
export interface RequestLogEntry {
  readonly time: string;
  readonly method: string;
  /** Decoded; null when the request named none. */
  readonly volume: string | null;
  /** As received, percent-encoded; never the query, nor a host before it. */
  readonly path: string;
  /** 499 when the client went away, or was cut off, before any answer. */
  readonly status: number;
  /** Bytes of content sent, or for PUT stored. */
  readonly bytes: number;
  readonly ms: number;
  /** The peer that the request was sent on to; null when answered here. */
  readonly peer: string | null;
  /** Address of the client. */
  readonly client: string | null;
  /** True when the connection ended before the answer did. */
  readonly aborted: boolean;
}

/** Receives every finished request. Must not throw. */
export interface RequestLog {
  write(entry: RequestLogEntry): void;
}

/** Injects the `RequestLog`. */
export const REQUEST_LOG = Symbol('REQUEST_LOG');

/** The entry as one line of JSON in ASCII. */
export function formatLogLine(entry: RequestLogEntry): string {
  return printable(JSON.stringify(entry));
}

/** Writes one line per request; those of one turn of the event loop in one write. */
export class JsonLinesRequestLog implements RequestLog {
  private pending: string[] = [];

  constructor(private readonly output: { write(text: string): unknown }) {}

  write(entry: RequestLogEntry): void {
    if (this.pending.length === 0) setImmediate(() => this.flush());
    this.pending.push(formatLogLine(entry));
  }

  /** Writes what is pending; to be called before the process ends. */
  flush(): void {
    if (this.pending.length === 0) return;
    const lines = this.pending;
    this.pending = [];
    this.output.write(`${lines.join('\n')}\n`);
  }
}
