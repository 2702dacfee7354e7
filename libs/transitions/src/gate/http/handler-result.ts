import { finished, Stream, type Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { from, isObservable, map, Observable } from 'rxjs';
import { FollowedIterator } from './followed-iterator.js';
import type { VolumeVisit } from './volume-visit.js';

/**
 * Keeps a visit going while the stream that a handler has returned does, and ends
 * that one when the visit is aborted. Returns what to send in its place.
 */
export function followResult(value: unknown, visit: VolumeVisit): unknown {
  if (isObservable(value)) return followObservable(value, visit);
  const body = value instanceof StreamableFile ? value.getStream() : value;
  if (isReadable(body)) {
    followReadable(body, visit);
  } else if (isWebBody(body)) {
    followWebBody(body, visit);
  } else if (isAsyncIterable(body)) {
    return followIterable(body, visit);
  }
  return value;
}

function followObservable(
  source: Observable<unknown>,
  visit: VolumeVisit,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const end = visit.begin();
    const forget = visit.whenAborted((reason) => {
      if (visit.hasEvents) subscriber.complete();
      else subscriber.error(reason);
    });
    const subscription = subscriber.closed
      ? undefined
      : from(source)
          .pipe(map((value) => followResult(value, visit)))
          .subscribe(subscriber);
    return () => {
      subscription?.unsubscribe();
      forget();
      end();
    };
  });
}

function followReadable(stream: Readable, visit: VolumeVisit): void {
  if (visit.abortedBy !== undefined) {
    stream.destroy();
    throw visit.abortedBy;
  }
  const end = visit.begin();
  const forget = visit.whenAborted(() => visit.cutResponse());
  finished(stream, { writable: false }, () => {
    forget();
    end();
  });
}

/** A stream of the web platform does not tell when it is over: the response does. */
function followWebBody(body: WebBody, visit: VolumeVisit): void {
  if (visit.abortedBy !== undefined) {
    const stream = 'getReader' in body ? body : body.body;
    void stream?.cancel().catch(() => {});
    throw visit.abortedBy;
  }
  visit.whenAborted(() => visit.cutResponse());
}

function followIterable(
  iterable: AsyncIterable<unknown>,
  visit: VolumeVisit,
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = iterable[Symbol.asyncIterator]();
      return new FollowedIterator(iterator, visit);
    },
  };
}

// Not a response, which handlers return as well: that is no stream to read.
function isReadable(value: unknown): value is Readable {
  return value instanceof Stream && 'readable' in value && 'destroy' in value;
}

type WebBody = ReadableStream | Response;

function isWebBody(value: unknown): value is WebBody {
  return (
    (typeof value === 'object' && value !== null && 'getReader' in value) ||
    Object.prototype.toString.call(value) === '[object Response]'
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    !isThenable(value)
  );
}

/** Whether it is a promise, or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) ||
      typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
