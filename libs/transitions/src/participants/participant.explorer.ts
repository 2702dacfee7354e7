import { Inject, Injectable, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { inDeclaredOrder } from './module-order.js';
import {
  participantOptionsOf,
  type TransitionParticipantOptions,
} from './participant.decorator.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import { ParticipantError } from './participant-error.js';

/** A provider or controller whose class is decorated. */
interface Found {
  readonly wrapper: InstanceWrapper;
  readonly options: TransitionParticipantOptions;
  readonly name: string;
}

/**
 * Finds the decorated providers and controllers of all modules. Not before
 * onModuleInit: in a constructor instances are missing.
 */
@Injectable()
export class ParticipantExplorer {
  constructor(
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /**
   * The participants in the order in which they are declared.
   *
   * @throws ParticipantError for participants that have no single instance.
   */
  explore(): ParticipantCandidate[] {
    const found = this.decorated();
    refuseUnusable(found);
    const instances = new Map<unknown, Found>();
    for (const one of found) {
      const { instance } = one.wrapper as { instance: unknown };
      // A factory may give what another provider has made.
      if (!instances.has(instance)) instances.set(instance, one);
    }
    return [...instances].map(([instance, { options, name, wrapper }]) => ({
      name,
      callbacks: instance as TransitionCallbacks,
      order: options.order,
      concurrency: options.concurrency ?? 1,
      timeout: options.timeout,
      after: [options.after ?? []].flat() as ParticipantCandidate['after'],
      injects: [...injectedBy(wrapper)].filter(
        (injected) => injected !== instance && instances.has(injected),
      ) as TransitionCallbacks[],
    }));
  }

  private decorated(): Found[] {
    const modules = inDeclaredOrder(this.modules.values());
    const wrappers = [
      ...modules.flatMap(({ providers }) => [...providers.values()]),
      ...modules.flatMap(({ controllers }) => [...controllers.values()]),
    ];
    return wrappers.flatMap((wrapper) => {
      const decorated = decoratedClass(wrapper);
      if (decorated === undefined) return [];
      const { type, options } = decorated;
      return [{ wrapper, options, name: options.name ?? type.name }];
    });
  }
}

function refuseUnusable(found: readonly Found[]): void {
  const unusable = found.filter(({ wrapper }) => !hasOneInstance(wrapper));
  if (unusable.length === 0) return;
  throw new ParticipantError(
    unusable.map(
      ({ name }) =>
        `${name} is transient or request-scoped, or injects what is request-scoped; a participant must be a singleton`,
    ),
  );
}

function decoratedClass(
  wrapper: InstanceWrapper,
): { type: Type; options: TransitionParticipantOptions } | undefined {
  if (wrapper.isAlias) return undefined;
  for (const type of [classOf(wrapper.instance), wrapper.metatype]) {
    const options = participantOptionsOf(type);
    if (options !== undefined) return { type: type as Type, options };
  }
  return undefined;
}

// Not by instance.constructor: a provider may be a Proxy that answers to
// anything, or throws.
function classOf(instance: unknown): unknown {
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(instance);
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  return prototype.constructor;
}

function hasOneInstance(wrapper: InstanceWrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

/** The instances that a provider injects, directly or through others. */
function injectedBy(
  wrapper: InstanceWrapper,
  seen = new Set<InstanceWrapper>(),
  instances = new Set<unknown>(),
): ReadonlySet<unknown> {
  const dependencies = [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((entry) => entry.wrapper),
  ];
  for (const dependency of dependencies) {
    if (dependency === undefined || seen.has(dependency)) continue;
    seen.add(dependency);
    instances.add(dependency.instance);
    injectedBy(dependency, seen, instances);
  }
  return instances;
}
