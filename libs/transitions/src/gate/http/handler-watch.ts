import { Req, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { callInside } from './handler-call.js';
import type { HttpRequest } from './http-exchange.js';
import { visitOf } from './volume.interceptor.js';

type Handler = (this: unknown, ...args: unknown[]) => unknown;

const watched = new WeakSet<Handler>();

/**
 * From now on the visit of a request sees how long a handler works for it. No
 * interceptor does: one that gives up waiting for a handler leaves it at work.
 *
 * The handler gets the request as one more argument, by which its visit is found.
 * To be called before Nest makes the routes.
 */
export function watchHandler(controller: Type, methodName: string): void {
  const prototype = controller.prototype as Record<string, Handler>;
  const handler = prototype[methodName]!;
  if (watched.has(handler)) return;
  const place = argumentsOf(controller, methodName);
  Req()(prototype, methodName, place);
  const watcher: Handler = function (...args) {
    const visit = visitOf((args[place] ?? {}) as HttpRequest);
    if (visit === undefined) return handler.apply(this, args);
    const own = args.slice(0, place);
    return callInside(visit, () => handler.apply(this, own));
  };
  copyWhatNestReads(handler, watcher);
  watched.add(watcher);
  Object.defineProperty(prototype, methodName, {
    value: watcher,
    configurable: true,
    writable: true,
  });
}

/** How many arguments Nest hands to a handler. */
function argumentsOf(controller: Type, methodName: string): number {
  const metadata = (Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    controller,
    methodName,
  ) ?? {}) as Record<string, { readonly index: number }>;
  const indices = Object.values(metadata).map(({ index }) => index);
  return Math.max(-1, ...indices) + 1;
}

function copyWhatNestReads(from: Handler, to: Handler): void {
  Object.defineProperty(to, 'name', { value: from.name });
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
