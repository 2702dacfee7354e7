import {
  Global,
  Inject,
  Logger,
  Module,
  type DynamicModule,
} from '@nestjs/common';
import { APP_FILTER, ModulesContainer } from '@nestjs/core';
import type { Module as ModuleReference } from '@nestjs/core/injector/module.js';
import { TransitionsOptionsError } from './checks/transitions-options-error.js';
import { warnOfCopies } from './checks/copies.js';
import { UseVolumeExplorer } from './gate/http/use-volume.explorer.js';
import { VolumeExceptionFilter } from './gate/http/volume-exception.filter.js';
import { OptionsReader } from './config/options.reader.js';
import { VolumeGate } from './gate/volume.gate.js';
import { LateCoordinator } from './runtime/late-coordinator.js';
import { provided } from './lifecycle/provided.js';
import { ProcessLifecycle } from './lifecycle/process.lifecycle.js';
import { TransitionsLifecycleModule } from './lifecycle/transitions-lifecycle.module.js';
import { loggedEvents } from './logging/logged-events.js';
import { LoggerParticipant } from './participants/logger.participant.js';
import { ParticipantExplorer } from './participants/participant.explorer.js';
import { ParticipantRegistry } from './participants/participant.registry.js';
import { EventStream } from './ports/event-stream.js';
import { ReloadService } from './reload/reload.service.js';
import { SighupListener } from './reload/sighup.listener.js';
import {
  checkAsyncOptions,
  ConfigurableTransitionsModule,
  TRANSITIONS_OPTIONS,
  type TransitionsModuleAsyncOptions,
} from './options/transitions.module-definition.js';
import type { TransitionsModuleOptions } from './options/transitions.options.js';
import { Retirement } from './runtime/retirement.js';
import { StartHooks } from './runtime/start-hooks.js';
import { TransitionsRuntime } from './transitions.runtime.js';
import { TransitionsService } from './transitions.service.js';

const logger = new Logger('Transitions');

/** What an import without forRoot has for options. */
const noOptions: TransitionsModuleOptions = {};

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
    { provide: TRANSITIONS_OPTIONS, useValue: noOptions },
    { provide: EventStream, useFactory: loggedEvents },
    provided(OptionsReader, TRANSITIONS_OPTIONS, ModulesContainer),
    provided(ParticipantExplorer, ModulesContainer),
    provided(ParticipantRegistry, ParticipantExplorer),
    provided(LoggerParticipant),
    provided(LateCoordinator, ParticipantRegistry, StartHooks, EventStream),
    provided(Retirement, LateCoordinator),
    provided(StartHooks, ModulesContainer),
    provided(
      TransitionsRuntime,
      OptionsReader,
      ParticipantRegistry,
      LateCoordinator,
      Retirement,
      LoggerParticipant,
      EventStream,
    ),
    provided(SighupListener, TransitionsRuntime),
    provided(
      ProcessLifecycle,
      TransitionsRuntime,
      SighupListener,
      StartHooks,
      EventStream,
    ),
    provided(TransitionsService, TransitionsRuntime),
    provided(ReloadService, TransitionsRuntime),
    provided(VolumeGate, TransitionsRuntime),
    provided(UseVolumeExplorer, ModulesContainer),
    { provide: APP_FILTER, useClass: VolumeExceptionFilter },
  ],
  exports: [
    TRANSITIONS_OPTIONS,
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
    warnOfCopies((message) => logger.warn(message));
    refuseSeveral(
      [...modules.values()].filter(
        ({ metatype }) => metatype === TransitionsModule,
      ),
    );
  }

  /** With no source given, options come from @nestjs/config, or the environment. */
  static override forRoot(
    options: TransitionsModuleOptions = {},
  ): DynamicModule {
    // Nest injects nothing yet: with two copies it may fail to.
    warnOfCopies((message) => logger.warn(message));
    return super.forRoot(options);
  }

  /**
   * `useFactory`, `useClass` or `useExisting`, as usual.
   *
   * @throws TransitionsOptionsError when there is none of them.
   */
  static override forRootAsync(
    options: TransitionsModuleAsyncOptions,
  ): DynamicModule {
    checkAsyncOptions(options);
    return super.forRootAsync(options);
  }
}

function refuseSeveral(imports: readonly ModuleReference[]): void {
  if (imports.length < 2) return;
  const isBare = imports.some(
    ({ providers }) =>
      providers.get(TRANSITIONS_OPTIONS)?.instance === noOptions,
  );
  const how = isBare
    ? 'with options and, as the bare class, without'
    : `${imports.length} times, each with options of its own`;
  throw new TransitionsOptionsError([
    `it is imported ${how}; import it once, in the root module, and inject its services wherever they are needed: it is global`,
  ]);
}
