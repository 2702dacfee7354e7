import {
  HttpException,
  HttpStatus,
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { finalize, type Observable } from 'rxjs';
import {
  whenOver,
  type HttpRequest,
  type HttpResponse,
} from './http-exchange.js';
import { VolumeGate } from '../volume.gate.js';
import type { VolumePass } from '../volume-entrance.js';
import {
  VolumeNotServedError,
  type NotServedReason,
} from '../volume-not-served.error.js';

/** Under which `@UseVolume` keeps the name of its route parameter. */
export const volumeParameter = Symbol('nestjs-transitions:volume-parameter');

const retryAfterSeconds = 1;
const passes = new WeakMap<HttpRequest, VolumePass>();

/** The pass of a request under `@UseVolume`. */
export function enteredPass(request: HttpRequest): VolumePass {
  const pass = passes.get(request);
  if (pass !== undefined) return pass;
  throw new Error(
    '@UsedVolume() found no pass; expected @UseVolume() on the handler or its controller',
  );
}

/** What `@UseVolume` does to each request. */
@Injectable()
export class VolumeInterceptor implements NestInterceptor {
  constructor(
    @Inject(VolumeGate) private readonly gate: VolumeGate,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const response = http.getResponse<HttpResponse>();
    const pass = this.enter(this.volumeOf(context, request), response);
    passes.set(request, pass);
    // A client that goes away does not stop its handler, and the bytes of a
    // stream go out after the handler has returned it: it takes both ends.
    let ends = 0;
    const end = (): void => {
      if (++ends === 2) pass[Symbol.dispose]();
    };
    whenOver(request, response, end);
    return next.handle().pipe(finalize(end));
  }

  private volumeOf(context: ExecutionContext, { params }: HttpRequest): string {
    const parameter = this.reflector.getAllAndOverride<string>(
      volumeParameter,
      [context.getHandler(), context.getClass()],
    );
    const volumeName = params[parameter];
    if (volumeName !== undefined) return volumeName;
    throw new Error(
      `@UseVolume('${parameter}') found no such parameter in the route of ${context.getClass().name}.${context.getHandler().name}; expected :${parameter} in its path`,
    );
  }

  private enter(volumeName: string, response: HttpResponse): VolumePass {
    try {
      return this.gate.enter(volumeName);
    } catch (thrown) {
      if (!(thrown instanceof VolumeNotServedError)) throw thrown;
      throw httpException(thrown, response);
    }
  }
}

const statusOf: Readonly<Record<NotServedReason, HttpStatus>> = {
  unknown: HttpStatus.NOT_FOUND,
  elsewhere: HttpStatus.MISDIRECTED,
  draining: HttpStatus.SERVICE_UNAVAILABLE,
  closed: HttpStatus.SERVICE_UNAVAILABLE,
};

function httpException(
  refusal: VolumeNotServedError,
  response: HttpResponse,
): HttpException {
  const { reason, peer, message, retryable } = refusal;
  if (retryable) response.header('Retry-After', `${retryAfterSeconds}`);
  const body = { error: reason, message, ...(peer && { peer }) };
  return new HttpException(body, statusOf[reason], { cause: refusal });
}
