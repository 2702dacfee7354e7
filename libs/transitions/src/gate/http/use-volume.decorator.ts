import {
  applyDecorators,
  createParamDecorator,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { delay, textOf } from '../../checks/value-kinds.js';
import type { VolumePass } from '../volume-entrance.js';
import { UseVolumeError } from './use-volume.error.js';
import { visitOf, VolumeInterceptor } from './volume.interceptor.js';
import {
  addVolumeParameter,
  handlerNameOf,
  volumeNamedBy,
} from './volume-parameters.js';

/** How a request enters the volume that a route parameter names. */
export interface UseVolumeOptions {
  /**
   * Milliseconds that the request may wait for a volume that is on its way here,
   * as `VolumeGate.admit` does. They count from when the request comes to its
   * volumes, for all of them together. Default 0: it is refused at once.
   */
  readonly wait?: number;
}

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
 * With `wait`, a request waits for a volume that is on its way here. It leaves the
 * queue when its client goes away. Once it is let in, its handler runs as if it had
 * been at once.
 *
 * Where a volume is not served here the client gets 404 (unknown), 421 (another
 * peer serves it, which the body names) or 503 with Retry-After (on the move), and
 * the handler is not called. For routes of HTTP only; the boot is refused elsewhere.
 *
 * @param parameter the route parameter with the volume's name. The segments of a
 * wildcard are joined by `/`; Fastify calls it `*`.
 * @throws UseVolumeError when `wait` is no time.
 */
export function UseVolume(
  parameter = 'volume',
  { wait = 0 }: UseVolumeOptions = {},
): ClassDecorator & MethodDecorator {
  if (!delay.accepts(wait)) {
    throw new UseVolumeError([
      `wait of ${parameter} is ${textOf(wait)}; expected ${delay.expected}`,
    ]);
  }
  const named = { name: parameter, waitMs: wait };
  const addParameter = (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ): void =>
    descriptor === undefined
      ? addVolumeParameter(named, target)
      : addVolumeParameter(
          named,
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
