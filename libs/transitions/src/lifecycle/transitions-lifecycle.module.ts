import { Inject, Module } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { TransitionsRuntime } from '../transitions.runtime.js';
import { TransitionsService } from '../transitions.service.js';
import { provided } from './provided.js';
import { TransitionsLifecycle } from './transitions.lifecycle.js';

/**
 * Holds the lifecycle hooks, apart from the module that users import: that one
 * is global, and Nest calls the hooks of global modules first at start and last
 * at stop. Ours must be the other way round.
 */
@Module({
  providers: [
    provided(TransitionsLifecycle, TransitionsRuntime, TransitionsService),
  ],
})
export class TransitionsLifecycleModule {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    for (const module of modules.values()) {
      // Hooks go from the greatest distance to the least, and back at stop
      // (NestApplicationContext.getModulesToTriggerHooksOn).
      if (module.metatype === TransitionsLifecycleModule) module.distance = 0;
    }
  }
}
