import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
} from '@nestjs/common';
import { problemsOfNames, textOf } from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import type { TransitionsModuleOptions } from './transitions.options.js';

/**
 * The plumbing of `forRoot` and `forRootAsync`, and the token under which the
 * options can be injected, as they were given.
 */
export const {
  ConfigurableModuleClass: ConfigurableTransitionsModule,
  MODULE_OPTIONS_TOKEN: TRANSITIONS_OPTIONS,
} = new ConfigurableModuleBuilder<TransitionsModuleOptions>({
  optionsInjectionToken: Symbol('nestjs-transitions:options'),
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createTransitionsOptions')
  .build();

/** What `forRootAsync` takes: `useFactory`, `useClass` or `useExisting`, `inject`, `imports`. */
export type TransitionsModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TransitionsModuleOptions,
  'createTransitionsOptions'
>;

/** A class that makes the options, for `forRootAsync({ useClass })`. */
export interface TransitionsOptionsFactory {
  createTransitionsOptions():
    TransitionsModuleOptions | Promise<TransitionsModuleOptions>;
}

const waysToOptions = ['useFactory', 'useClass', 'useExisting'] as const;

const asyncOptionNames = [
  ...waysToOptions,
  'inject',
  'imports',
  'provideInjectionTokensFrom',
];

/** @throws TransitionsOptionsError for what gives no options. */
export function checkAsyncOptions(given: TransitionsModuleAsyncOptions): void {
  const problems = asyncProblems(given);
  if (problems.length === 0) return;
  throw new TransitionsOptionsError(problems, 'TransitionsModule.forRootAsync');
}

function asyncProblems(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) {
    return [`it is given ${textOf(given)}; expected an object`];
  }
  const problems = problemsOfNames(given, asyncOptionNames);
  const ways = waysToOptions.filter((way) => way in given);
  if (ways.length === 0) {
    problems.push(`expected useFactory, useClass or useExisting`);
  }
  return problems;
}
