import type { ModulesContainer } from '@nestjs/core';
import type { Observable } from 'rxjs';

/**
 * The part of @nestjs/config's ConfigService that the module needs. Said here
 * once more, so that the types too do without that package.
 */
export interface ConfigServiceLike {
  get(path: string): unknown;
  set(path: string, value: unknown): void;
  /** `path` is what was given to `set`: mostly a string, as `get` takes it. */
  readonly changes$: Observable<{ readonly path: unknown }>;
}

/** A source that takes the application's ConfigService where its user gave none. */
export interface ConfigServiceUser {
  bindConfigService(service: ConfigServiceLike): void;
}

/** Whether a source, or anything else, is to get the application's ConfigService. */
export function usesConfigService(value: object): value is ConfigServiceUser {
  return (
    'bindConfigService' in value &&
    typeof value.bindConfigService === 'function'
  );
}

/**
 * The application's ConfigService; undefined where it has none. It is found by
 * its name rather than by its class, so that an application without
 * @nestjs/config need not have that package at all.
 */
export function findConfigService(
  modules: ModulesContainer,
): ConfigServiceLike | undefined {
  for (const { providers } of modules.values()) {
    for (const [token, { instance }] of providers) {
      if (typeof token !== 'function' || token.name !== 'ConfigService') {
        continue;
      }
      if (isConfigService(instance)) return instance;
    }
  }
  return undefined;
}

function isConfigService(instance: unknown): instance is ConfigServiceLike {
  return (
    typeof instance === 'object' &&
    instance !== null &&
    'get' in instance &&
    'set' in instance &&
    'changes$' in instance
  );
}
