import {
  applyDecorators,
  HttpException,
  HttpStatus,
  Inject,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { VolumeGate } from './volume.gate.js';
import type { VolumePass } from './volume-entrance.js';
import {
  VolumeNotServedError,
  type NotServedReason,
} from './volume-not-served.error.js';

const parameterKey = Symbol('nestjs-transitions:volume-parameter');

/**
 * Counts each request of a controller, or of one of its handlers, into the
 * volume that a route parameter names, until its response is finished or its
 * connection gone. Where the volume is not served here the client gets 404
 * (unknown), 421 (another peer serves it, which the body names) or 503 with
 * Retry-After (on the move), and the handler is not called.
 *
 * @param parameter the route parameter with the volume's name
 */
export function UseVolume(
  parameter = 'volume',
): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(parameterKey, parameter),
    UseInterceptors(VolumeInterceptor),
  );
}

/** @internal */
@Injectable()
export class VolumeInterceptor implements NestInterceptor {
  constructor(
    @Inject(VolumeGate) private readonly gate: VolumeGate,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const response = http.getResponse<HttpResponse>();
    const pass = this.enter(context, response);
    const raw = response.raw ?? response;
    // Also after a finished response whose connection is kept alive.
    raw.once('close', () => pass[Symbol.dispose]());
    return next.handle();
  }

  private enter(context: ExecutionContext, response: HttpResponse): VolumePass {
    const parameter = this.reflector.getAllAndOverride<string>(parameterKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    const { params } = context
      .switchToHttp()
      .getRequest<{ params: Record<string, string> }>();
    try {
      return this.gate.enter(params[parameter] ?? '');
    } catch (thrown) {
      if (!(thrown instanceof VolumeNotServedError)) throw thrown;
      throw httpException(thrown, response);
    }
  }
}

interface HttpStream {
  once(event: 'close', listener: () => void): unknown;
}

/** The response of Express, or the reply of Fastify, which has the response as `raw`. */
interface HttpResponse extends HttpStream {
  readonly raw?: HttpStream;
  header(name: string, value: string): unknown;
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
  if (retryable) response.header('Retry-After', '1');
  const body = { error: reason, message, ...(peer && { peer }) };
  return new HttpException(body, statusOf[reason], { cause: refusal });
}
