import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { lookalikes } from './lookalikes.js';
import { inDeclaredOrder } from './module-order.js';
import {
  participantOptionsOf,
  type TransitionParticipantOptions,
} from './participant.decorator.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import { ParticipantError } from './participant-error.js';
import { destroyedBefore, injectedBy } from './provider-graph.js';

/** What is instantiated by a class that is decorated, or in its place. */
interface Found {
  readonly wrapper: InstanceWrapper;
  readonly options: TransitionParticipantOptions;
  readonly name: string;
  /** Nest made the instance for a decorator such as `@UseGuards`, or for middleware. */
  readonly isEnhancer: boolean;
}

/** The participants among the providers, and what is nearly one. */
export interface Explored {
  /** In the order in which they are declared. */
  readonly candidates: readonly ParticipantCandidate[];
  readonly warnings: readonly string[];
}

/**
 * Finds what is decorated among the providers, the controllers, and the
 * enhancers and middleware that Nest instantiates by their class. Not before
 * onModuleInit: in a constructor instances are missing.
 */
export class ParticipantExplorer {
  constructor(private readonly modules: ModulesContainer) {}

  /**
   * What is registered, and so no matter of warnings, is given.
   *
   * @throws ParticipantError for participants that have no single instance.
   */
  explore(registered: readonly object[]): Explored {
    const modules = inDeclaredOrder(this.modules.values());
    const found = [
      ...providersOf(modules).flatMap((wrapper) => decorated(wrapper)),
      ...enhancersOf(modules).flatMap((wrapper) => decorated(wrapper, true)),
    ];
    const problems = [...unusable(found), ...madeTwice(found)];
    if (problems.length > 0) throw new ParticipantError(problems);
    const instances = new Map<unknown, Found>();
    for (const one of found) {
      const { instance } = one.wrapper as { instance: unknown };
      // A factory may give what another provider has made.
      if (!instances.has(instance)) instances.set(instance, one);
    }
    const participants = new Set(instances.keys());
    return {
      candidates: Array.from(instances.values(), (one) =>
        candidateOf(one, participants),
      ),
      warnings: lookalikes(
        providersOf(modules),
        new Set([...participants, ...registered]),
      ),
    };
  }
}

function providersOf(modules: readonly Module[]): InstanceWrapper[] {
  return [
    ...modules.flatMap(({ providers }) => [...providers.values()]),
    ...modules.flatMap(({ controllers }) => [...controllers.values()]),
  ];
}

function enhancersOf(modules: readonly Module[]): InstanceWrapper[] {
  return [
    ...modules.flatMap(({ injectables }) => [...injectables.values()]),
    ...modules.flatMap(({ middlewares }) => [...middlewares.values()]),
  ];
}

/** By the class of its instance, its own, or the one whose place it takes (a test's `overrideProvider`). */
function decorated(wrapper: InstanceWrapper, isEnhancer = false): Found[] {
  if (wrapper.isAlias) return [];
  const { instance, metatype, token } = wrapper;
  for (const type of [classOf(instance), metatype, token]) {
    const options = participantOptionsOf(type);
    if (options === undefined) continue;
    const name = options.name ?? (type as Type).name;
    return [{ wrapper, options, name, isEnhancer }];
  }
  return [];
}

function candidateOf(
  { wrapper, options, name }: Found,
  participants: ReadonlySet<unknown>,
): ParticipantCandidate {
  const { instance } = wrapper as { instance: unknown };
  const injected = injectedBy(wrapper);
  const callbacks = Array.from(injected, (one): unknown => one.instance);
  return {
    name,
    callbacks: instance as TransitionCallbacks,
    options,
    injects: callbacks.filter(
      (one) => one !== instance && participants.has(one),
    ) as TransitionCallbacks[],
    // Participants are warned of by themselves.
    dependsOnDestroyed: destroyedBefore(wrapper, injected, participants),
  };
}

function unusable(found: readonly Found[]): string[] {
  return found.flatMap(({ wrapper, name }) => {
    if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
      return [
        `${name} is transient or request-scoped, or injects what is request-scoped; a participant must be a singleton`,
      ];
    }
    const { instance } = wrapper as { instance: unknown };
    if (typeof instance === 'object' && instance !== null) return [];
    return [
      `${name} is provided as ${String(instance)}; expected an object with callbacks`,
    ];
  });
}

/** Classes that are provided, and of which Nest makes another instance all the same. */
function madeTwice(found: readonly Found[]): string[] {
  const provided = new Set(
    found
      .filter(({ isEnhancer }) => !isEnhancer)
      .map(({ wrapper }) => wrapper.metatype),
  );
  return found
    .filter(
      ({ isEnhancer, wrapper }) => isEnhancer && provided.has(wrapper.metatype),
    )
    .map(
      ({ name }) =>
        `${name} is provided, and it is also an interceptor, guard, pipe, filter or middleware, for which Nest makes another instance; let a class of its own be that, which injects ${name}`,
    );
}

// Not by instance.constructor: a provider may be a Proxy that answers to
// anything, or throws.
function classOf(instance: unknown): unknown {
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(instance);
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  return prototype.constructor;
}
