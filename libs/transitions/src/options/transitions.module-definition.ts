import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { TransitionsModuleOptions } from './transitions.options.js';

/** The plumbing of `forRoot` and `forRootAsync`, and the token of the options. */
export const {
  ConfigurableModuleClass: ConfigurableTransitionsModule,
  MODULE_OPTIONS_TOKEN: TRANSITIONS_OPTIONS,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<TransitionsModuleOptions>({
  optionsInjectionToken: Symbol('nestjs-transitions:options'),
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createTransitionsOptions')
  .build();

/** A class that makes the options, for `forRootAsync({ useClass })`. */
export interface TransitionsOptionsFactory {
  createTransitionsOptions():
    TransitionsModuleOptions | Promise<TransitionsModuleOptions>;
}
