import {
  choice,
  delay,
  flag,
  requestCount,
  timeLimit,
  volumeCount,
  type ValueKind,
} from '../checks/value-kinds.js';
import { defaultSettings } from '../core/transition/settings.js';
import { retryKind } from './retry.option.js';
import type { TransitionsModuleOptions } from './transitions.options.js';

/** An option whose value is a number, a word, a flag, or a few of these. */
export type PlainOption = Exclude<
  keyof TransitionsModuleOptions,
  'source' | 'schemas' | 'leases' | 'leaseStoreFile'
>;

/** What is said of an option once, for its check, its default and its environment variable. */
export interface OptionRow<T = unknown> {
  readonly kind: ValueKind;
  readonly default: T;
}

/** The rows of all options that are plain, in the order in which the README has them. */
export const optionTable = {
  callbackTimeout: {
    kind: timeLimit,
    default: defaultSettings.callbackTimeout,
  },
  rollbackTimeout: {
    kind: timeLimit,
    default: defaultSettings.rollbackTimeout,
  },
  shutdownTimeout: {
    kind: timeLimit,
    default: defaultSettings.shutdownTimeout,
  },
  slowCallbackWarning: {
    kind: timeLimit,
    default: defaultSettings.slowCallbackWarning,
  },
  onFailure: {
    kind: choice('rollback', 'isolate'),
    default: defaultSettings.onFailure,
  },
  maxUnserve: { kind: volumeCount, default: defaultSettings.maxUnserve },
  readyWhenPartial: {
    kind: flag,
    default: defaultSettings.readyWhenPartial,
  },
  retry: { kind: retryKind, default: defaultSettings.retry },
  // Half of a callbackTimeout that is shorter than this: see normalizeOptions.
  drainTimeout: { kind: delay, default: 10_000 },
  maxWaiting: { kind: requestCount, default: 1_000 },
  lameduck: { kind: delay, default: 0 },
  reloadOnSighup: { kind: flag, default: true },
  supersede: { kind: flag, default: false },
  logging: { kind: flag, default: true },
} satisfies {
  readonly [Name in PlainOption]: OptionRow<
    NonNullable<TransitionsModuleOptions[Name]>
  >;
};

/** What each option may be. */
export const optionKinds: Readonly<Record<string, ValueKind>> =
  Object.fromEntries(
    Object.entries(optionTable).map(([name, { kind }]) => [name, kind]),
  );

/** The names and rows of `optionTable`. */
export const optionRows: readonly (readonly [PlainOption, OptionRow])[] =
  Object.entries(optionTable) as [PlainOption, OptionRow][];

/** The environment variable of an option: `TRANSITIONS_CALLBACK_TIMEOUT` for `callbackTimeout`. */
export function variableOf(option: PlainOption): string {
  const words = option.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `TRANSITIONS_${words.toUpperCase()}`;
}
