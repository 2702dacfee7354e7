import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import {
  type FileFacts,
  lastModifiedOf,
  type OpenedFile,
} from '../storage/index.js';
import { setProtectiveHeaders } from './answer.js';
import { type ByteRange, parseByteRange } from './byte-range.js';
import type { Exchange } from './exchange.js';
import { evaluatePreconditions, isRangeFresh } from './preconditions.js';
import { refusal } from './refusals.js';

/** Up to this size one read and one write beat a stream. */
const SINGLE_READ_BYTES = 128 * 1024;

/**
 * Answers GET or HEAD with an opened file, by its conditional and range
 * headers, and closes it. Settles when the answer is out, and returns the bytes
 * of content sent. The exchange's signal stops it at any point, before or amid
 * the content.
 * @throws Refusal 412 or 416, SendingAbortedError, or the reason of the signal
 */
export async function sendFile(
  exchange: Exchange,
  file: OpenedFile,
  name: string,
): Promise<number> {
  const sending = sendWanted(exchange, file, name);
  const bytes = await sending.finally(() => file.close());
  await exchange.end();
  return bytes;
}

async function sendWanted(
  exchange: Exchange,
  file: OpenedFile,
  name: string,
): Promise<number> {
  const { facts } = file;
  const { method, headers } = exchange.request;
  const outcome = evaluatePreconditions(method, headers, facts);
  if (outcome === 'failed') {
    throw refusal(412, 'precondition-failed', 'the file is another version');
  }
  setValidators(exchange.response, facts);
  return outcome === 'notModified'
    ? exchange.send({ status: 304 })
    : sendContent(exchange, file, name);
}

async function sendContent(
  { request, response, signal }: Exchange,
  file: OpenedFile,
  name: string,
): Promise<number> {
  const { size } = file.facts;
  const range = rangeOf(request, file.facts);
  if (range.kind === 'unsatisfiable') {
    throw refusal(416, 'range-not-satisfiable', `the file has ${size} bytes`, {
      'Content-Range': `bytes */${size}`,
    });
  }
  const { start, end } =
    range.kind === 'part' ? range : { start: 0, end: size - 1 };
  if (range.kind === 'part') {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  }
  signal.throwIfAborted();
  setProtectiveHeaders(response);
  response.type(extname(name) || 'application/octet-stream');
  response.setHeader('Content-Length', end - start + 1);
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return 0;
  }
  return sendBytes(response, file, { start, end, signal });
}

function rangeOf(request: Request, facts: FileFacts): ByteRange {
  // RFC 9110, section 14.2: Range means something for GET only.
  if (request.method !== 'GET' || request.headers.range === undefined) {
    return { kind: 'whole' };
  }
  return isRangeFresh(request.get('if-range'), facts, Date.now())
    ? parseByteRange(request.headers.range, facts.size)
    : { kind: 'whole' };
}

function setValidators(response: Response, facts: FileFacts): void {
  response.setHeader('ETag', facts.etag);
  const modified = new Date(lastModifiedOf(facts));
  response.setHeader('Last-Modified', modified.toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'no-cache');
}

interface Sending {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
}

async function sendBytes(
  response: Response,
  file: OpenedFile,
  sending: Sending,
): Promise<number> {
  const { start, end, signal } = sending;
  const length = end - start + 1;
  if (length > SINGLE_READ_BYTES) return streamBytes(response, file, sending);
  const content = await file.read(start, length);
  if (content.byteLength < length) throw new FileShrankError();
  signal.throwIfAborted();
  response.end(content);
  return length;
}

async function streamBytes(
  response: Response,
  file: OpenedFile,
  { start, end, signal }: Sending,
): Promise<number> {
  const content = file.stream(start, end);
  try {
    await pipeline(content, response, { end: false, signal });
    if (content.bytesRead < end - start + 1) throw new FileShrankError();
    response.end();
  } catch (cause) {
    response.destroy();
    throw new SendingAbortedError(content.bytesRead, { cause });
  }
  return content.bytesRead;
}

/** Somebody cut the file short in place while it was sent. */
export class FileShrankError extends Error {
  override readonly name = 'FileShrankError';

  constructor() {
    super('the file became shorter while it was read');
  }
}

/** The connection ended in the middle of the content. */
export class SendingAbortedError extends Error {
  override readonly name = 'SendingAbortedError';

  constructor(
    readonly bytes: number,
    options: ErrorOptions,
  ) {
    super(`the connection ended after ${bytes} bytes`, options);
  }
}
