import type { Request, Response } from 'express';
import { type Answer, sendAnswer } from './answer.js';
import { leaving } from './refusals.js';
import type { RequestLogEntry } from './request-log.js';
import { originForm } from './request-target.js';
import { closeOf, turnOf } from './turn.js';
import type { VolumePass } from './volume-router.js';
import type { VolumesHttpOptions } from './volumes-http.options.js';

/** The status of a request whose client went away before any answer, as nginx has it. */
const CLIENT_GONE = 499;

const neverAborted = new AbortController().signal;

/** A request and its response, and what the log will say of them. Begins when it is made. */
export class Exchange {
  /** Decoded name of the volume; null until it is known. */
  volume: string | null = null;
  /** The peer that the request was sent on to. */
  peer: string | null = null;
  /** Bytes of content sent, or stored. */
  bytes = 0;
  /** Aborts when the volume will not wait for the answer any longer. */
  signal: AbortSignal = neverAborted;
  private pass: VolumePass | undefined;
  private readonly startedAt = performance.now();

  constructor(
    readonly request: Request,
    readonly response: Response,
    private readonly options: VolumesHttpOptions,
  ) {}

  /** True when nobody is left to answer. */
  get isGone(): boolean {
    return this.request.socket.destroyed;
  }

  /** True when it is too late for another answer. */
  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  /** Settles when the answers to all earlier requests of the connection are out, or it is gone. */
  async turn(): Promise<void> {
    await turnOf(this.request, this.response);
  }

  /** Settles when the response is out, or its connection is gone. */
  async end(): Promise<void> {
    await closeOf(this.request, this.response);
  }

  /** Aborts when the response is out, or its connection is gone. */
  gone(): AbortSignal {
    const controller = new AbortController();
    void this.end().then(() => controller.abort());
    return controller.signal;
  }

  /** Sends a short answer; settles when it is out. Returns the bytes of content sent. */
  async send(answer: Answer): Promise<number> {
    const { request, response, options } = this;
    const { maxFileBytes } = options;
    const bytes = await sendAnswer(request, response, answer, maxFileBytes);
    await this.end();
    return bytes;
  }

  /** The request is inside of its volume: an answer that has begun is cut when the signal aborts. */
  enter(pass: VolumePass): void {
    this.pass = pass;
    const { signal } = pass;
    this.signal = signal;
    signal.addEventListener('abort', () => this.hasBegun && this.cut());
  }

  /**
   * Before each change. Reads need no such look: what they find is what is stored,
   * whoever stored it.
   * @throws Refusal 503 when the volume is not held any more
   */
  assertHeld(): void {
    try {
      this.pass?.assertHeld();
    } catch {
      throw leaving;
    }
  }

  /** Ends the connection, so that nobody takes what was sent for the whole answer. */
  cut(): void {
    this.response.destroy();
  }

  /** The line for the log, once the exchange is over. */
  toLogEntry(): RequestLogEntry {
    const { request, response } = this;
    const path = originForm(request.originalUrl);
    const queryAt = path.indexOf('?');
    return {
      time: new Date().toISOString(),
      method: request.method,
      volume: this.volume,
      path: queryAt < 0 ? path : path.slice(0, queryAt),
      status: this.hasBegun ? response.statusCode : CLIENT_GONE,
      bytes: this.bytes,
      ms: Math.round((performance.now() - this.startedAt) * 1000) / 1000,
      peer: this.peer,
      client: request.socket.remoteAddress ?? null,
      aborted: !response.writableFinished,
    };
  }
}
