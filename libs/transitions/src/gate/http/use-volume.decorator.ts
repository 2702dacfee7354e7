import {
  applyDecorators,
  createParamDecorator,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import type { HttpRequest } from './http-exchange.js';
import type { VolumePass } from '../volume-entrance.js';
import {
  enteredPass,
  VolumeInterceptor,
  volumeParameter,
} from './volume.interceptor.js';

/**
 * Counts each request of a controller, or of one of its handlers, into the
 * volume that a route parameter names, until the handler is done and its
 * response is finished or its connection gone. Where the volume is not served
 * here the client gets 404 (unknown), 421 (another peer serves it, which the
 * body names) or 503 with Retry-After (on the move), and the handler is not
 * called. For HTTP only.
 *
 * @param parameter the route parameter with the volume's name
 */
export function UseVolume(
  parameter = 'volume',
): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(volumeParameter, parameter),
    UseInterceptors(VolumeInterceptor),
  );
}

/**
 * A parameter of a handler under `@UseVolume`: the pass of its request, whose
 * `signal` tells that the volume does not wait any longer.
 */
export const UsedVolume = createParamDecorator(
  (_data: unknown, context: ExecutionContext): VolumePass =>
    enteredPass(context.switchToHttp().getRequest<HttpRequest>()),
);
