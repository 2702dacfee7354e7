import { StorageError, StorageTroubleError } from '../storage/index.js';
import { SendingAbortedError } from './file-sender.js';
import { printable } from './printable.js';
import { Refusal } from './refusals.js';
import { originForm } from './request-target.js';

/** For so long nothing more is said of trouble of the same kind. */
const QUIET_MS = 10_000;
const LONGEST_LINE = 500;

interface Told {
  readonly at: number;
  untold: number;
}

/**
 * Tells the operator what no client can mend, one line each, and the same kind
 * not again and again: then the next line says how many were left out.
 */
export class TroubleLog {
  private readonly told = new Map<string, Told>();

  constructor(private readonly say: (line: string) => void) {}

  /** Tells of an error that a request ended with, if it is trouble. */
  note(error: unknown, request: { method: string; originalUrl: string }): void {
    if (!isTrouble(error)) return;
    const kind = nameOf(error);
    const before = this.told.get(kind);
    if (before !== undefined && performance.now() - before.at < QUIET_MS) {
      before.untold++;
      return;
    }
    const more = before?.untold ? ` (${before.untold} more untold)` : '';
    this.told.set(kind, { at: performance.now(), untold: 0 });
    const [path = ''] = originForm(request.originalUrl).split('?');
    const line = `${request.method} ${path.slice(0, 200)}: ${described(error)}`;
    this.say(printable(line).slice(0, LONGEST_LINE) + more);
  }
}

function isTrouble(error: unknown): boolean {
  if (error instanceof StorageError) {
    return error instanceof StorageTroubleError;
  }
  // A client that goes away is none, a file that cannot be read on is.
  if (error instanceof SendingAbortedError) return isSystemError(error.cause);
  return !(error instanceof Refusal);
}

function isSystemError(
  error: unknown,
): error is Error & { readonly syscall: unknown } {
  return error instanceof Error && 'syscall' in error;
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause, stack = '' } = error;
  if (isSystemError(cause)) {
    return `${message}: ${nameOf(cause)} in ${String(cause.syscall)}`;
  }
  const place = /\n\s+(at .*)/.exec(stack)?.[1] ?? '';
  return `${error.name}: ${message} ${place}`;
}

/** Of few kinds, whatever a client sends. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something thrown';
  return 'code' in error ? String(error.code) : error.name;
}
