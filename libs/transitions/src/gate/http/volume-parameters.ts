import type { ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './http-exchange.js';
import { UseVolumeError } from './use-volume.error.js';

// On a class or a handler: the route parameters that name its volumes.
const parametersKey = Symbol('nestjs-transitions:volume-parameters');
// On a class: it or one of its handlers has such parameters.
const usersKey = Symbol('nestjs-transitions:uses-volumes');

/** A route parameter that names a volume. */
export interface VolumeParameter {
  readonly name: string;
  /** Milliseconds that a request may wait for the volume. */
  readonly waitMs: number;
}

/** A volume that a request is about. */
export interface RequestedVolume {
  readonly volumeName: string;
  readonly waitMs: number;
}

/** Adds a parameter to a class, or to one of its methods. Of several, the one added last comes first. */
export function addVolumeParameter(
  parameter: VolumeParameter,
  type: object,
  handler?: object,
): void {
  const place = handler ?? type;
  const others = parametersAt(place);
  Reflect.defineMetadata(parametersKey, [parameter, ...others], place);
  Reflect.defineMetadata(usersKey, true, type);
}

/** Whether a class, one that it extends, or any of its methods is under `@UseVolume`. */
export function usesVolumes(type: object): boolean {
  return Reflect.hasMetadata(usersKey, type);
}

/** The parameters of a class, or of a method alone; none where it has no `@UseVolume` of its own. */
export function parametersAt(place: object): readonly VolumeParameter[] {
  return (Reflect.getMetadata(parametersKey, place) ?? []) as VolumeParameter[];
}

/** The volumes that a request is about, those of the controller first. */
export function volumesOf(context: ExecutionContext): RequestedVolume[] {
  return [context.getClass(), context.getHandler()]
    .flatMap(parametersAt)
    .map(({ name, waitMs }) => ({
      volumeName: volumeNamedBy(name, context),
      waitMs,
    }));
}

/** @throws UseVolumeError when the route has no such parameter. */
export function volumeNamedBy(
  parameter: string,
  context: ExecutionContext,
): string {
  const { params } = context.switchToHttp().getRequest<HttpRequest>();
  const value = params[parameter];
  if (typeof value === 'string') return value;
  if (value !== undefined) return value.join('/');
  throw new UseVolumeError([
    `the route of ${handlerNameOf(context)} has no parameter ${parameter}; expected :${parameter} in its path`,
  ]);
}

/** What messages call a handler. */
export function handlerNameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
