import { setMaxListeners } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import { create } from '@bufbuild/protobuf';
import { AuthenticateRequestSchema } from '../wire/etcd_pb.js';
import { authenticate, type Method } from '../wire/methods.js';
import { bounded } from './bounded.js';
import { blamesMember, type Channel } from './channel.js';
import { Channels } from './channels.js';
import type { Endpoint } from './endpoints.js';
import {
  EtcdError,
  isTokenRefused,
  leasesClosed,
  status,
} from './etcd-error.js';
import type { EtcdTls } from './tls.js';

/** A name and a password that etcd knows. */
export interface EtcdAuth {
  readonly name: string;
  readonly password: string;
}

export interface LinkOptions {
  readonly endpoints: readonly Endpoint[];
  readonly tls?: EtcdTls | undefined;
  readonly auth?: EtcdAuth | undefined;
  /** For every call, connecting and login included; in milliseconds. */
  readonly callTimeout: number;
}

/**
 * Calls of etcd, over whichever member answers. A request is sent once; only
 * one whose login had expired is sent again, as etcd has not looked at it.
 */
export class EtcdLink {
  private readonly channels: Channels;
  private readonly closing = new AbortController();
  private login: Promise<string> | undefined;

  constructor(private readonly options: LinkOptions) {
    this.channels = new Channels(options.endpoints, options.tls);
    // Each call listens, and nobody else: there is no leak to warn of.
    setMaxListeners(0, this.closing.signal);
  }

  /** Aborted when the link is closed: what is under way ends. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** Rejects with an EtcdError. */
  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    signal: AbortSignal,
  ): Promise<Response> {
    return this.within([signal], (within) =>
      this.withLogin(within, (metadata) =>
        this.send(method, request, metadata, within),
      ),
    );
  }

  /** A connected channel, and what the calls on it carry. */
  open(signal: AbortSignal): Promise<{ channel: Channel; metadata: Metadata }> {
    return this.within([signal], async (within) => {
      const metadata = await this.metadata(within);
      return { channel: await this.channels.ready(within), metadata };
    });
  }

  /** The member does not answer as it should: the next call takes another channel. */
  leave(channel: Channel, reason: string): void {
    this.channels.leave(channel, reason);
  }

  /** The token was refused: the next call logs in again. */
  forgetLogin(): void {
    this.login = undefined;
  }

  close(): void {
    this.closing.abort(new Error(leasesClosed));
    this.channels.close();
  }

  private within<T>(
    signals: readonly AbortSignal[],
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return bounded([...signals, this.closed], this.options.callTimeout, run);
  }

  private async withLogin<T>(
    signal: AbortSignal,
    send: (metadata: Metadata) => Promise<T>,
  ): Promise<T> {
    const metadata = await this.metadata(signal);
    const { login } = this;
    try {
      return await send(metadata);
    } catch (error) {
      if (login === undefined || !isTokenRefused(error)) throw error;
      // Of many that are refused together, the first one logs in for all.
      if (this.login === login) this.login = undefined;
      return send(await this.metadata(signal));
    }
  }

  private async send<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    metadata: Metadata,
    signal: AbortSignal,
  ): Promise<Response> {
    const channel = await this.channels.ready(signal);
    const sentAt = performance.now();
    try {
      return await channel.call(method, request, metadata, signal);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      if (signal.aborted && error.code === status.cancelled) {
        if (channel.isSilentSince(sentAt)) this.leave(channel, 'no answer');
        throw givenUp(channel, sentAt, signal.reason);
      }
      if (blamesMember(error)) this.leave(channel, error.message);
      throw error;
    }
  }

  private async metadata(signal: AbortSignal): Promise<Metadata> {
    const metadata = new Metadata();
    const { auth } = this.options;
    if (auth === undefined) return metadata;
    this.login ??= this.authenticate(auth);
    metadata.set('token', await orAborted(this.login, signal));
    return metadata;
  }

  /** It costs the server 70 ms, so all calls share one. */
  private authenticate(auth: EtcdAuth): Promise<string> {
    const request = create(AuthenticateRequestSchema, auth);
    const login = this.within([], (within) =>
      this.send(authenticate, request, new Metadata(), within),
    ).then(({ token }) => token);
    login.catch(() => {
      if (this.login === login) this.login = undefined;
    });
    return login;
  }
}

function givenUp(channel: Channel, sentAt: number, cause: unknown): EtcdError {
  const after = Math.round(performance.now() - sentAt);
  return new EtcdError(
    `etcd at ${channel.endpoint}: no answer after ${after} ms`,
    undefined,
    cause,
  );
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(new EtcdError('etcd: no login in time', undefined, signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    void promise
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
