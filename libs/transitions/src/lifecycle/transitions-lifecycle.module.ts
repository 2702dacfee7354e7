import { Inject, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { TransitionsLifecycle } from './transitions.lifecycle.js';

/**
 * Holds the lifecycle hooks, apart from the module that users import: that one
 * is global, and Nest calls the hooks of global modules first at start and last
 * at stop. Ours must be the other way round.
 */
@Module({ providers: [TransitionsLifecycle] })
export class TransitionsLifecycleModule {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    for (const module of modules.values()) {
      // Hooks go from the greatest distance to the least, and back at stop
      // (NestApplicationContext.getModulesToTriggerHooksOn).
      if (module.metatype === TransitionsLifecycleModule) module.distance = 0;
    }
  }
}
