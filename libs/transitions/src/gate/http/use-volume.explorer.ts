import type { OnModuleInit, Type } from '@nestjs/common';
import {
  CONTROLLER_WATERMARK,
  PATH_METADATA,
} from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { watchHandler } from './handler-watch.js';
import { UseVolumeError } from './use-volume.error.js';
import { parametersAt, usesVolumes } from './volume-parameters.js';

// Under which @nestjs/microservices keeps what a handler listens to.
const messagePattern = 'microservices:pattern';

/**
 * Finds every handler under `@UseVolume`. Those of routes are watched from its
 * construction on, which is before Nest makes the routes; others are refused.
 */
export class UseVolumeExplorer implements OnModuleInit {
  private readonly scanner = new MetadataScanner();
  private readonly problems: string[] = [];

  constructor(modules: ModulesContainer) {
    for (const { controllers, providers } of modules.values()) {
      for (const type of usersAmong(controllers)) this.watchRoutes(type);
      for (const type of usersAmong(providers)) {
        // A controller may be provided as well, so that others can inject it.
        if (!Reflect.hasMetadata(CONTROLLER_WATERMARK, type)) {
          this.refuse(type.name);
        }
      }
    }
  }

  /** @throws UseVolumeError with every handler that has no route. */
  onModuleInit(): void {
    if (this.problems.length > 0) throw new UseVolumeError(this.problems);
  }

  private watchRoutes(type: Type): void {
    const prototype = type.prototype as Record<string, object>;
    const all = parametersAt(type).length > 0;
    for (const name of this.scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name]!;
      const own = parametersAt(handler).length > 0;
      if (!all && !own) continue;
      const isRoute = Reflect.hasMetadata(PATH_METADATA, handler);
      const isForMessages = Reflect.hasMetadata(messagePattern, handler);
      if (isForMessages || (own && !isRoute)) {
        this.refuse(`${type.name}.${name}`);
      } else if (isRoute) watchHandler(type, name);
    }
  }

  private refuse(what: string): void {
    this.problems.push(
      `${what} is no route of HTTP; take the decorator away, and enter the volume in the handler: using pass = gate.enter(name)`,
    );
  }
}

function usersAmong(wrappers: ReadonlyMap<unknown, InstanceWrapper>): Type[] {
  return [...wrappers.values()].flatMap(({ metatype, isAlias }) =>
    typeof metatype === 'function' && !isAlias && usesVolumes(metatype)
      ? [metatype as Type]
      : [],
  );
}
