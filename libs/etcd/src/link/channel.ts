import {
  Client,
  connectivityState,
  credentials,
  Metadata,
  type ChannelOptions,
  type ClientDuplexStream,
} from '@grpc/grpc-js';
import type { Method } from '../wire/methods.js';
import type { Endpoint } from './endpoints.js';
import { EtcdError, hintFor, hintForConnecting, status } from './etcd-error.js';
import { pem, type EtcdTls } from './tls.js';

// A call that was given up before may just have been given up early.
const suspiciousSilence = 250;

const ready = connectivityState.READY;

/** A connection to one member. It is not mended: whoever lost it opens another one. */
export class Channel {
  private readonly client: Client;
  private heardAt = 0;

  constructor(
    readonly endpoint: Endpoint,
    private readonly tls: EtcdTls | undefined,
  ) {
    this.client = new Client(
      endpoint,
      tls === undefined ? credentials.createInsecure() : secure(tls),
      optionsOf(tls),
    );
  }

  get isReady(): boolean {
    return this.client.getChannel().getConnectivityState(false) === ready;
  }

  /** Connects, within so many milliseconds. Returns what was in the way, undefined if nothing. */
  async connect(milliseconds: number): Promise<string | undefined> {
    const channel = this.client.getChannel();
    const end = Date.now() + milliseconds;
    for (;;) {
      const state = channel.getConnectivityState(true);
      if (state === ready) return undefined;
      if (state === connectivityState.TRANSIENT_FAILURE) return this.failure();
      if (state === connectivityState.SHUTDOWN) return 'closed';
      const changed = await new Promise<boolean>((resolve) => {
        channel.watchConnectivityState(state, end, (late) => resolve(!late));
      });
      if (!changed) return `no connection within ${milliseconds} ms`;
    }
  }

  /** One request, one answer. Rejects with an EtcdError. */
  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    metadata: Metadata,
    signal: AbortSignal,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        method.path,
        method.serialize,
        method.deserialize,
        request,
        metadata,
        (error, response) => {
          signal.removeEventListener('abort', cancel);
          if (error) return reject(this.errorOf(error.code, error.details));
          this.heard();
          resolve(response!);
        },
      );
      const cancel = (): void => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });
  }

  /** A stream in both directions. It must be cancelled. */
  stream<Request, Response>(
    method: Method<Request, Response>,
    metadata: Metadata,
  ): ClientDuplexStream<Request, Response> {
    return this.client.makeBidiStreamRequest(
      method.path,
      method.serialize,
      method.deserialize,
      metadata,
    );
  }

  errorOf(code: number, details: string): EtcdError {
    return new EtcdError(
      `etcd at ${this.endpoint}: ${details}${hintFor(details)}`,
      code,
    );
  }

  heard(): void {
    this.heardAt = performance.now();
  }

  /** Whether a call that has waited since then should have been answered. */
  isSilentSince(sentAt: number): boolean {
    return (
      this.heardAt < sentAt && performance.now() - sentAt > suspiciousSilence
    );
  }

  close(): void {
    this.client.close();
  }

  /** Only the status of a call says why there is no connection. */
  private async failure(): Promise<string> {
    const method: Method<undefined, undefined> = {
      path: '/etcdserverpb.Maintenance/Status',
      serialize: () => Buffer.alloc(0),
      deserialize: () => undefined,
    };
    const error: unknown = await this.call(
      method,
      undefined,
      new Metadata(),
      AbortSignal.timeout(200),
    ).catch((thrown: unknown) => thrown);
    if (!(error instanceof EtcdError)) return 'no connection';
    const [, reason = 'no connection'] =
      /Last error: (?:Error: )?(.*)/.exec(error.message) ??
      /(Name resolution failed)/.exec(error.message) ??
      [];
    const why = reason.replace(/\. Resolution note:.*/, '');
    const hint = hintForConnecting(why, this.tls !== undefined);
    return why.endsWith(hint) ? why : why + hint;
  }
}

/** Whether a failure says something about the connection, or the member, and not about the request. */
export function blamesMember({ code }: EtcdError): boolean {
  return code === status.unavailable || code === status.internal;
}

function optionsOf(tls: EtcdTls | undefined): ChannelOptions {
  return {
    // Else a closed client that is made again gets its dead connection back.
    'grpc.use_local_subchannel_pool': 1,
    // A list of all leases is one message.
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    ...(tls?.serverName === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': tls.serverName }),
  };
}

function secure({
  ca,
  cert,
  key,
}: EtcdTls): ReturnType<typeof credentials.createSsl> {
  return credentials.createSsl(
    pem(ca) ?? null,
    pem(key) ?? null,
    pem(cert) ?? null,
  );
}
