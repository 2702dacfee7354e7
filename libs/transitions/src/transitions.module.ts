import { Global, Inject, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, ModulesContainer } from '@nestjs/core';
import { TransitionsOptionsError } from './errors.js';
import { UseVolumeExplorer } from './gate/http/use-volume.explorer.js';
import { VolumeExceptionFilter } from './gate/http/volume-exception.filter.js';
import { VolumeGate } from './gate/volume.gate.js';
import { TransitionsLifecycleModule } from './lifecycle/transitions-lifecycle.module.js';
import { ReloadService } from './reload/reload.service.js';
import { SighupListener } from './reload/sighup.listener.js';
import {
  ConfigurableTransitionsModule,
  TRANSITIONS_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
} from './options/transitions.module-definition.js';
import type { TransitionsModuleOptions } from './options/transitions.options.js';
import { TransitionsRuntime } from './transitions.runtime.js';
import { TransitionsService } from './transitions.service.js';

/**
 * Import it once, in the root module. It is global: `TransitionsService` and
 * `ReloadService` can be injected everywhere. Imported as it is, without
 * `forRoot`, it takes its options from where `forRoot()` does.
 */
@Global()
@Module({
  imports: [TransitionsLifecycleModule],
  providers: [
    // What forRoot and forRootAsync provide takes its place.
    { provide: TRANSITIONS_OPTIONS, useValue: {} },
    TransitionsRuntime,
    TransitionsService,
    ReloadService,
    SighupListener,
    VolumeGate,
    UseVolumeExplorer,
    { provide: APP_FILTER, useClass: VolumeExceptionFilter },
  ],
  exports: [
    TransitionsRuntime,
    TransitionsService,
    ReloadService,
    SighupListener,
    VolumeGate,
  ],
})
export class TransitionsModule extends ConfigurableTransitionsModule {
  constructor(@Inject(ModulesContainer) modules: ModulesContainer) {
    super();
    const imports = [...modules.values()].filter(
      ({ metatype }) => metatype === TransitionsModule,
    );
    if (imports.length > 1) {
      throw new TransitionsOptionsError([
        `it is imported ${imports.length} times with different options; import it once, in the root module, and inject its services wherever they are needed`,
      ]);
    }
  }

  /** With no source given, options come from @nestjs/config, or the environment. */
  static override forRoot(
    options: TransitionsModuleOptions = {},
  ): DynamicModule {
    return super.forRoot(options);
  }

  /** `useFactory`, `useClass` or `useExisting`, as usual. */
  static override forRootAsync(
    options: typeof ASYNC_OPTIONS_TYPE,
  ): DynamicModule {
    return super.forRootAsync(options);
  }
}
