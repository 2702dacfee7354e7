import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type MethodDefinition,
  type sendUnaryData,
  type ServerUnaryCall,
} from '@grpc/grpc-js';

const methods = [
  'KV/Txn',
  'Lease/LeaseGrant',
  'Lease/LeaseKeepAlive',
  'Lease/LeaseRevoke',
];

/** On the way to an etcd: between two transactions something else may happen. */
export class InterposedEtcd {
  /** How many transactions go by before it happens. */
  private left = 0;
  private happens: (() => Promise<void>) | undefined;

  private constructor(
    private readonly server: Server,
    private readonly client: Client,
    readonly endpoint: string,
  ) {}

  static async start(etcd: string): Promise<InterposedEtcd> {
    const client = new Client(etcd, credentials.createInsecure());
    const server = new Server();
    const port = await new Promise<number>((resolve, reject) => {
      const insecure = ServerCredentials.createInsecure();
      server.bindAsync('127.0.0.1:0', insecure, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const own = new InterposedEtcd(server, client, `127.0.0.1:${port}`);
    for (const name of methods) own.passOn(name);
    return own;
  }

  /** This happens once, after so many transactions from now on and before the next one. */
  interrupt(transactions: number, happens: () => Promise<void>): void {
    this.left = transactions;
    this.happens = happens;
  }

  stop(): void {
    this.server.forceShutdown();
    this.client.close();
  }

  private async goBy(): Promise<void> {
    const { happens } = this;
    if (happens === undefined || this.left-- > 0) return;
    this.happens = undefined;
    await happens();
  }

  private passOn(name: string): void {
    const call = passingBytes(`/etcdserverpb.${name}`);
    const ask = (request: Buffer, answer: sendUnaryData<Buffer>): void => {
      const { path, requestSerialize, responseDeserialize } = call;
      this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        answer,
      );
    };
    this.server.addService(
      { call },
      {
        call: (
          { request }: ServerUnaryCall<Buffer, Buffer>,
          answer: sendUnaryData<Buffer>,
        ) => {
          if (name !== 'KV/Txn') return ask(request, answer);
          void this.goBy().then(() => ask(request, answer));
        },
      },
    );
  }
}

function passingBytes(path: string): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}
