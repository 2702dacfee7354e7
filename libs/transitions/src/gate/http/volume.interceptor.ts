import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { HttpAdapterHost } from '@nestjs/core';
import { defer, finalize, type Observable } from 'rxjs';
import { VolumeGate } from '../volume.gate.js';
import {
  HttpExchange,
  type HttpRequest,
  type HttpResponse,
} from './http-exchange.js';
import { announceRetry } from './retry-after.js';
import { UseVolumeError } from './use-volume.error.js';
import {
  handlerNameOf,
  volumesOf,
  type RequestedVolume,
} from './volume-parameters.js';
import { VolumeVisit } from './volume-visit.js';

const visits = new WeakMap<HttpRequest, VolumeVisit>();

/** The visit of a request, once it is under `@UseVolume`. */
export function visitOf(request: HttpRequest): VolumeVisit | undefined {
  return visits.get(request);
}

/** Lets a request into its volumes, once, however often the interceptor is called for it. */
@Injectable()
export class VolumeInterceptor implements NestInterceptor {
  constructor(
    @Inject(VolumeGate) private readonly gate: VolumeGate,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const type = context.getType();
    if (type !== 'http') {
      throw new UseVolumeError([
        `${handlerNameOf(context)} is called for ${type}, not for HTTP; enter the volume in the handler: using pass = gate.enter(name)`,
      ]);
    }
    const visit = this.visitFor(context);
    const volumes = volumesOf(context);
    const fail = (thrown: unknown): never => {
      // Filters of the application's own do not have to know of it.
      const response: unknown = context.switchToHttp().getResponse();
      announceRetry(thrown, response, this.host.httpAdapter);
      throw thrown;
    };
    let waiting: Promise<void> | undefined;
    try {
      waiting = enterAll(visit, volumes);
    } catch (thrown) {
      return fail(thrown);
    }
    return waiting === undefined
      ? handleInside(visit, next)
      : waiting.then(() => handleInside(visit, next), fail);
  }

  private visitFor(context: ExecutionContext): VolumeVisit {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    let visit = visits.get(request);
    if (visit === undefined) {
      visit = new VolumeVisit(
        this.gate,
        new HttpExchange(request, http.getResponse<HttpResponse>()),
        handlerNameOf(context),
        Reflect.hasMetadata(SSE_METADATA, context.getHandler()),
      );
      visits.set(request, visit);
    }
    return visit;
  }
}

/** One after the other. Returns a promise where the visit has to wait for one of them. */
function enterAll(
  visit: VolumeVisit,
  volumes: readonly RequestedVolume[],
): Promise<void> | undefined {
  for (const [index, volume] of volumes.entries()) {
    const waiting = visit.enter(volume);
    if (waiting === undefined) continue;
    const rest = volumes.slice(index + 1);
    return waiting.then(() => enterAll(visit, rest));
  }
  return undefined;
}

function handleInside(
  visit: VolumeVisit,
  next: CallHandler,
): Observable<unknown> {
  return defer(() => {
    const end = visit.begin();
    return next.handle().pipe(finalize(end));
  });
}
