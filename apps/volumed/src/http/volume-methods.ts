import type { Request } from 'express';
import {
  EntryNotFoundError,
  type VolumeDirectory,
  VolumePath,
} from '../storage/index.js';
import type { Exchange } from './exchange.js';
import { sendFile } from './file-sender.js';
import { refusal } from './refusals.js';
import type { RequestTarget } from './request-target.js';
import { preconditionsOf, storeUpload } from './upload.js';
import type { VolumesHttpOptions } from './volumes-http.options.js';

/** One request to a volume that is served here. */
export interface LocalRequest {
  readonly exchange: Exchange;
  readonly target: RequestTarget;
  readonly directory: VolumeDirectory;
  readonly options: VolumesHttpOptions;
}

const ALLOW = 'GET, HEAD, PUT, DELETE';

/**
 * Answers one request from the volume's directory. Settles when the answer is
 * out, and returns the bytes of content sent, or for PUT stored.
 * @throws Refusal, StorageError, SendingAbortedError
 */
export async function answerLocally(local: LocalRequest): Promise<number> {
  switch (local.exchange.request.method) {
    case 'GET':
    case 'HEAD':
      return get(local);
    case 'PUT':
      return put(local);
    case 'DELETE':
      return remove(local);
    default:
      throw methodNotAllowed();
  }
}

/** Refuses what no volume does, before anybody asks where it is. @throws Refusal 405 or 501 */
export function assertImplemented({ method, headers }: Request): void {
  if (!ALLOW.split(', ').includes(method)) throw methodNotAllowed();
  const coding = headers['transfer-encoding'] ?? 'chunked';
  if (coding.toLowerCase() === 'chunked') return;
  // Node takes off the chunks, and what is left would be stored as if it were the content.
  throw refusal(
    501,
    'not-implemented',
    'Transfer-Encoding: expected chunked, and nothing else',
  );
}

function methodNotAllowed(): Error {
  return refusal(405, 'method-not-allowed', `expected one of ${ALLOW}`, {
    Allow: ALLOW,
  });
}

async function get(local: LocalRequest): Promise<number> {
  const { exchange, directory } = local;
  const path = VolumePath.parse(local.target.encodedPath);
  const entry = await directory.read(path);
  if (entry.kind === 'directory') return list(local, path);
  return sendFile(exchange, entry, path.name);
}

async function list(local: LocalRequest, path: VolumePath): Promise<number> {
  const { exchange, target, options } = local;
  const limit = listingLimit(target.query.get('limit'), options);
  const after = target.query.get('after') ?? '';
  const body = await local.directory.list(path, { after, limit });
  return exchange.send({
    status: 200,
    headers: { 'Cache-Control': 'no-cache' },
    body,
  });
}

function listingLimit(
  text: string | null,
  options: VolumesHttpOptions,
): number {
  const { maxListedEntries } = options;
  if (text === null) return maxListedEntries;
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw refusal(400, 'invalid-limit', 'limit: expected a number from 1 on');
  }
  return Math.min(Number(text), maxListedEntries);
}

async function put(local: LocalRequest): Promise<number> {
  const { exchange, directory, options } = local;
  const path = VolumePath.parse(local.target.encodedPath);
  const { maxFileBytes } = options;
  const stored = await storeUpload(exchange, directory, path, maxFileBytes);
  await exchange.send({
    status: stored.created ? 201 : 204,
    headers: { ETag: stored.facts.etag },
  });
  return stored.bytes;
}

async function remove(local: LocalRequest): Promise<number> {
  const { exchange, directory } = local;
  const { signal } = exchange;
  const path = VolumePath.parse(local.target.encodedPath);
  const check = preconditionsOf(exchange);
  await directory.remove(path, { check, signal }).catch((error: unknown) => {
    // If-Match on what is not there fails before it is missing.
    if (error instanceof EntryNotFoundError) check(undefined);
    throw error;
  });
  return exchange.send({ status: 204 });
}
