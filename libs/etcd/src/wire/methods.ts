import {
  toBinary,
  type DescMessage,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  AuthenticateRequestSchema,
  AuthenticateResponseSchema,
  GroupedTxnRequestSchema,
  LeaseGrantRequestSchema,
  LeaseGrantResponseSchema,
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
  LeaseRevokeRequestSchema,
  LeaseRevokeResponseSchema,
  TxnRequestSchema,
  TxnResponseSchema,
  WatchRequestSchema,
  WatchResponseSchema,
} from './etcd_pb.js';
import { decode } from './decode.js';

/** A method of etcd, and how its messages become bytes. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly serialize: (request: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Response;
}

export const txn = method('KV/Txn', TxnRequestSchema, TxnResponseSchema);

/** The same with many in one. */
export const groupedTxn = method(
  'KV/Txn',
  GroupedTxnRequestSchema,
  TxnResponseSchema,
);

export const leaseGrant = method(
  'Lease/LeaseGrant',
  LeaseGrantRequestSchema,
  LeaseGrantResponseSchema,
);

export const leaseRevoke = method(
  'Lease/LeaseRevoke',
  LeaseRevokeRequestSchema,
  LeaseRevokeResponseSchema,
);

/**
 * To etcd this is a stream. It is used for one request and one answer only, so
 * that the deadline of the call covers all of it.
 */
export const leaseKeepAlive = method(
  'Lease/LeaseKeepAlive',
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
);

/** A stream in both directions. */
export const watch = method(
  'Watch/Watch',
  WatchRequestSchema,
  WatchResponseSchema,
);

export const authenticate = method(
  'Auth/Authenticate',
  AuthenticateRequestSchema,
  AuthenticateResponseSchema,
);

function method<Request extends DescMessage, Response extends DescMessage>(
  name: string,
  request: Request,
  response: Response,
): Method<MessageShape<Request>, MessageShape<Response>> {
  return {
    path: `/etcdserverpb.${name}`,
    serialize: (message) => bufferOf(toBinary(request, message)),
    deserialize: (bytes) => decode(response, bytes),
  };
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
