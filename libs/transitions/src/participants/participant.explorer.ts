import { Inject, Injectable, Logger, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { TransitionCallbacks } from '../core/callbacks.js';
import { ParticipantError } from '../errors.js';
import {
  participantOptionsOf,
  type TransitionParticipantOptions,
} from './participant.decorator.js';
import type { ParticipantCandidate } from './participant.order.js';

/**
 * Finds the decorated providers and controllers of all modules. Not before
 * onModuleInit: in a constructor instances are missing.
 */
@Injectable()
export class ParticipantExplorer {
  private readonly logger = new Logger('Transitions');

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
  ) {}

  /**
   * The participants in the order of their modules.
   *
   * @throws ParticipantError for participants that have no single instance.
   */
  explore(): ParticipantCandidate[] {
    const found = this.decorated();
    const unusable = found.filter(({ wrapper }) => !hasOneInstance(wrapper));
    if (unusable.length > 0) {
      throw new ParticipantError(
        unusable.map(
          ({ name }) =>
            `${name} is request-scoped or transient, or injects something that is; a participant must be a singleton`,
        ),
      );
    }
    const instances = new Map(
      found.map((one) => [one.wrapper.instance as TransitionCallbacks, one]),
    );
    for (const [instance, { name }] of instances) {
      this.warnOfModuleDestroy(instance, name);
    }
    return [...instances].map(([callbacks, { options, name, wrapper }]) => ({
      name,
      callbacks,
      order: options.order,
      concurrency: options.concurrency ?? 1,
      timeout: options.timeout,
      after: [options.after ?? []].flat() as ParticipantCandidate['after'],
      injects: injectedParticipants(wrapper).filter(
        (injected) => injected !== callbacks && instances.has(injected),
      ),
    }));
  }

  private decorated() {
    const wrappers = [
      ...this.discovery.getProviders(),
      ...this.discovery.getControllers(),
    ];
    return wrappers.flatMap((wrapper) => {
      const decorated = decoratedClass(wrapper);
      if (decorated === undefined) return [];
      const { type, options } = decorated;
      return [{ wrapper, options, name: options.name ?? type.name }];
    });
  }

  private warnOfModuleDestroy(instance: object, name: string): void {
    if (!('onModuleDestroy' in instance)) return;
    this.logger.warn(
      `Participant ${name} has onModuleDestroy, which Nest calls before Down: what it closes there is gone when its callbacks need it. Close it in down() or onApplicationShutdown.`,
    );
  }
}

function decoratedClass(
  wrapper: InstanceWrapper,
): { type: Type; options: TransitionParticipantOptions } | undefined {
  if (wrapper.isAlias) return undefined;
  const instance: unknown = wrapper.instance;
  const ofInstance =
    typeof instance === 'object' && instance !== null
      ? instance.constructor
      : undefined;
  for (const type of [ofInstance, wrapper.metatype]) {
    const options = participantOptionsOf(type);
    if (options !== undefined) return { type: type as Type, options };
  }
  return undefined;
}

function hasOneInstance(wrapper: InstanceWrapper): boolean {
  return wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
}

/** What a provider injects, directly or through others. */
function injectedParticipants(
  wrapper: InstanceWrapper,
  seen = new Set<InstanceWrapper>(),
): TransitionCallbacks[] {
  const dependencies = [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((entry) => entry.wrapper),
  ].filter((dependency) => dependency !== undefined && !seen.has(dependency));
  return dependencies.flatMap((dependency) => {
    seen.add(dependency);
    return [
      dependency.instance as TransitionCallbacks,
      ...injectedParticipants(dependency, seen),
    ];
  });
}
