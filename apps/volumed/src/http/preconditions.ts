import type { IncomingHttpHeaders } from 'node:http';
import type { FileFacts } from '../storage/index.js';

/** What the conditional headers of a request ask for. */
export type PreconditionOutcome = 'proceed' | 'notModified' | 'failed';

const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"/g;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since
 * in the order of RFC 9110, section 13.2.2. `current` is undefined when nothing
 * is stored. (The libraries `fresh` and `send` compare If-Match weakly, which
 * the RFC forbids, and know no method but GET.)
 */
export function evaluatePreconditions(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  current: FileFacts | undefined,
): PreconditionOutcome {
  if (!hasPreconditions(headers)) return 'proceed';
  if (!mayChange(headers, current)) return 'failed';
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isWanted(headers, current, isRead)) {
    return isRead ? 'notModified' : 'failed';
  }
  return 'proceed';
}

/** True when the Range header applies: there is no If-Range, or it names this very version. */
export function isRangeFresh(
  ifRange: string | undefined,
  current: FileFacts,
  now: number,
): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange === current.etag;
  // A date is a strong validator only when it is over: RFC 9110, section 8.8.2.2.
  const isOver = now - current.modifiedAt >= 1000;
  return isOver && parseHttpDate(ifRange) === seconds(current.modifiedAt);
}

function hasPreconditions(headers: IncomingHttpHeaders): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-match'] !== undefined ||
    headers['if-unmodified-since'] !== undefined
  );
}

function mayChange(
  headers: IncomingHttpHeaders,
  current: FileFacts | undefined,
): boolean {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (current === undefined) return false;
    return ifMatch.trim() === '*' || entityTags(ifMatch).includes(current.etag);
  }
  const since = parseHttpDate(headers['if-unmodified-since']);
  if (since === undefined || current === undefined) return true;
  return seconds(current.modifiedAt) <= since;
}

function isWanted(
  headers: IncomingHttpHeaders,
  current: FileFacts | undefined,
  isRead: boolean,
): boolean {
  if (current === undefined) return true;
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return false;
    return !entityTags(ifNoneMatch).some((tag) => strong(tag) === current.etag);
  }
  const since = parseHttpDate(headers['if-modified-since']);
  if (!isRead || since === undefined) return true;
  return seconds(current.modifiedAt) > since;
}

function entityTags(header: string): string[] {
  return header.match(ENTITY_TAG) ?? [];
}

function strong(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** Seconds since 1970; undefined for what is not a date, which is then ignored. */
function parseHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || !HTTP_DATE.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : seconds(milliseconds);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
