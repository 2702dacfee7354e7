import {
  applyDecorators,
  createParamDecorator,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import type { VolumePass } from '../volume-entrance.js';
import { UseVolumeError } from './use-volume.error.js';
import { visitOf, VolumeInterceptor } from './volume.interceptor.js';
import {
  addVolumeParameter,
  handlerNameOf,
  volumeNamedBy,
} from './volume-parameters.js';

/**
 * Counts each request of a controller, or of one of its handlers, into the
 * volume that a route parameter names. Where it stands on both, or twice, the
 * request enters all of these volumes, the controller's first, and leaves them
 * in reverse.
 *
 * A request is inside until its response is finished or its connection gone, its
 * handler's promise has settled, and a stream that the handler returned has ended:
 * whatever interceptors, such as one for timeouts, make of it meanwhile. When a
 * volume does not wait any longer, a response that is streamed ends.
 *
 * Where a volume is not served here the client gets 404 (unknown), 421 (another
 * peer serves it, which the body names) or 503 with Retry-After (on the move), and
 * the handler is not called. For routes of HTTP only; the boot is refused elsewhere.
 *
 * @param parameter the route parameter with the volume's name. The segments of a
 * wildcard are joined by `/`; Fastify calls it `*`.
 */
export function UseVolume(
  parameter = 'volume',
): ClassDecorator & MethodDecorator {
  const addParameter = (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ): void =>
    descriptor === undefined
      ? addVolumeParameter(parameter, target)
      : addVolumeParameter(
          parameter,
          target.constructor,
          descriptor.value as object,
        );
  return applyDecorators(addParameter, UseInterceptors(VolumeInterceptor));
}

/**
 * A parameter of a handler under `@UseVolume`: the pass of its request, whose
 * `signal` tells that the volume does not wait any longer, or that the client has
 * gone. Of several volumes it is the one that was entered last;
 * `@UsedVolume('from')` is the one that the route parameter `from` names. Their
 * signals abort together.
 */
export const UsedVolume = createParamDecorator(
  (parameter: string | undefined, context: ExecutionContext): VolumePass => {
    const visit = visitOf(context.switchToHttp().getRequest());
    const volumeName = parameter && volumeNamedBy(parameter, context);
    const pass = visit?.pass(volumeName);
    if (pass !== undefined) return pass;
    throw new UseVolumeError([
      `@UsedVolume(${parameter ?? ''}) of ${handlerNameOf(context)} found no pass; expected @UseVolume(${parameter ?? ''}) on the handler or its controller`,
    ]);
  },
);
