import { create } from '@bufbuild/protobuf';
import type { ServiceError } from '@grpc/grpc-js';
import type { LeaseChange } from 'nestjs-transitions/core';
import type { Channel } from '../link/channel.js';
import { EtcdError, isTokenRefused, status } from '../link/etcd-error.js';
import type { EtcdLink } from '../link/etcd-link.js';
import {
  Event_EventType,
  EventSchema,
  WatchRequestSchema,
  type KeyValue,
  type WatchRequest,
  type WatchResponse,
} from '../wire/etcd_pb.js';
import { decodeMany } from '../wire/decode.js';
import { watch } from '../wire/methods.js';
import { isThere, type LeaseKeys } from './lease-keys.js';
import { Pulse, type Probing } from './pulse.js';
import { RecordReader } from './volume-record.js';

/**
 * What changes below the namespace. It is not resumed: whoever follows it lists
 * again. Throws an EtcdError when the stream breaks or falls silent.
 */
export async function* leaseChanges(
  link: EtcdLink,
  keys: LeaseKeys,
  revision: bigint,
  probing: Probing,
  signal: AbortSignal,
): AsyncGenerator<readonly LeaseChange[], void> {
  const opened = await link.open(signal).catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
    return undefined;
  });
  if (opened === undefined) return;
  const { channel, metadata } = opened;
  // A member without a leader then ends the stream; else it would be silent.
  metadata.set('hasleader', 'true');
  const stream = channel.stream(watch, metadata);
  // Also of an error that comes when nobody reads any more.
  stream.on('error', () => undefined);
  const cancel = (): void => stream.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  link.closed.addEventListener('abort', cancel, { once: true });
  const pulse = new Pulse(stream, keys.leases, channel, probing);
  try {
    if (signal.aborted) return;
    stream.write(createRequest(keys, revision));
    // Requests are answered in their order: the first answer is to ours.
    let own: bigint | undefined;
    for await (const response of stream as AsyncIterable<WatchResponse>) {
      own ??= response.watchId;
      pulse.heard();
      if (response.watchId !== own) {
        pulse.answered(response);
        continue;
      }
      if (response.canceled) throw cancellation(channel, response);
      const changes = await changesIn(response, keys);
      if (changes.length > 0) yield changes;
    }
  } catch (thrown) {
    if (signal.aborted) return;
    throw blame(link, channel, thrown);
  } finally {
    pulse.stop();
    signal.removeEventListener('abort', cancel);
    link.closed.removeEventListener('abort', cancel);
    stream.cancel();
  }
  if (!signal.aborted)
    throw new EtcdError(
      `etcd at ${channel.endpoint}: it ended the stream of changes`,
    );
}

function createRequest(keys: LeaseKeys, revision: bigint): WatchRequest {
  return create(WatchRequestSchema, {
    requestUnion: {
      case: 'createRequest',
      value: {
        key: keys.leases,
        rangeEnd: keys.leasesEnd,
        startRevision: revision + 1n,
      },
    },
  });
}

async function changesIn(
  { events }: WatchResponse,
  keys: LeaseKeys,
): Promise<LeaseChange[]> {
  const records = new RecordReader();
  const changes = await decodeMany(EventSchema, events, ({ type, kv }) =>
    changeOf(keys, records, kv!, type === Event_EventType.DELETE),
  );
  return changes.filter((change) => change !== undefined);
}

/** Undefined where it is no news: a session that is there, or a key of somebody else. */
function changeOf(
  keys: LeaseKeys,
  records: RecordReader,
  kv: KeyValue,
  isGone: boolean,
): LeaseChange | undefined {
  const { session, volume } = keys.nameOf(kv.key);
  const revision = kv.modRevision;
  if (volume !== undefined) {
    const { holder } = records.read(isGone ? undefined : kv);
    return { volume, revision, holder };
  }
  if (session === undefined || (!isGone && isThere(kv))) return undefined;
  return { session, revision };
}

function cancellation(
  channel: Channel,
  { compactRevision, cancelReason }: WatchResponse,
): EtcdError {
  const why =
    compactRevision > 0n
      ? `changes before revision ${compactRevision} are compacted`
      : cancelReason || 'it cancelled the stream of changes';
  return new EtcdError(`etcd at ${channel.endpoint}: ${why}`);
}

function blame(link: EtcdLink, channel: Channel, thrown: unknown): unknown {
  const error = isServiceError(thrown)
    ? channel.errorOf(thrown.code, thrown.details)
    : thrown;
  if (error instanceof EtcdError && error.code === status.unavailable)
    link.leave(channel, error.message);
  if (isTokenRefused(error)) link.forgetLogin();
  return error;
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown;
}
