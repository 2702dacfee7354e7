import { ModulesContainer } from '@nestjs/core';
import { textOf } from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import { normalizeOptions } from '../options/normalize-options.js';
import type {
  NormalizedOptions,
  TransitionsModuleOptions,
} from '../options/transitions.options.js';
import { completeOptions } from './complete-options.js';
import type { ConfSource } from '../sources/conf-source.js';
import {
  findConfigService,
  usesConfigService,
  type ConfigServiceLike,
} from './config-service.js';

/** What the application has said, all told. */
export interface ReadOptions {
  readonly options: NormalizedOptions;
  /** Undefined where the application has none. */
  readonly configService: ConfigServiceLike | undefined;
}

/** Reads the options of the module, some of which may be in the application's ConfigService. */
export class OptionsReader {
  constructor(
    private readonly given: TransitionsModuleOptions,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * Not before onModuleInit: in a constructor the ConfigService may be missing.
   *
   * @throws TransitionsOptionsError with everything that makes no sense.
   */
  read(): ReadOptions {
    const { given } = this;
    if (typeof given !== 'object' || given === null) {
      throw new TransitionsOptionsError([
        `the options are ${textOf(given)}; expected an object, of forRoot or of what forRootAsync calls`,
      ]);
    }
    const configService = findConfigService(this.modules);
    const options = normalizeOptions(completeOptions(given, configService));
    let source: ConfSource | undefined = options.source;
    for (; source !== undefined; source = source.inner) {
      if (configService !== undefined && usesConfigService(source)) {
        source.bindConfigService(configService);
      }
    }
    return { options, configService };
  }
}
