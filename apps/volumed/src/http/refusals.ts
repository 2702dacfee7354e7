import { StorageError } from '../storage/index.js';
import type { Answer, ErrorBody } from './answer.js';

/** Thrown to refuse a request; `answer` is what the client gets. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly answer: Answer) {
    super(`refused with status ${answer.status}`);
  }
}

/** A refusal with the body that all refusals have. */
export function refusal(
  status: number,
  error: string,
  message: string,
  headers: Answer['headers'] = {},
): Refusal {
  const body: ErrorBody = { error, message };
  return new Refusal({ status, headers, body });
}

/** 503, with when to try again. */
export function unavailable(
  message: string,
  retryAfterSeconds: number,
): Refusal {
  const seconds = Math.max(0, Math.ceil(retryAfterSeconds));
  return refusal(503, 'unavailable', message, { 'Retry-After': seconds });
}

/** What a volume says that does not wait any longer. */
export const leaving = unavailable('the volume is leaving this server', 1);

const STATUS_OF_STORAGE: Readonly<Record<string, number>> = {
  'invalid-path': 400,
  'upload-aborted': 400,
  'access-denied': 403,
  'forbidden-entry': 403,
  'not-found': 404,
  conflict: 409,
  'other-file-system': 409,
  'too-large': 413,
  'storage-failed': 500,
  'storage-busy': 503,
  'volume-closed': 503,
  'volume-broken': 503,
  'volume-fenced': 503,
  'storage-full': 507,
};

/** The answer for whatever a request ended with. */
export function answerFor(error: unknown): Answer {
  if (error instanceof Refusal) return error.answer;
  if (!(error instanceof StorageError)) return internalError;
  const status = STATUS_OF_STORAGE[error.code] ?? 500;
  if (status === 500) return internalError;
  const headers: Answer['headers'] = status === 503 ? { 'Retry-After': 1 } : {};
  return refusal(status, error.code, error.message, headers).answer;
}

/** It tells nothing of the machine. */
const internalError = refusal(
  500,
  'internal',
  'the server failed; its log says how',
).answer;
