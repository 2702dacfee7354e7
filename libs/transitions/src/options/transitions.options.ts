import type { ConfigServiceLike } from '../config/config-service.js';
import {
  defaultSettings,
  type TransitionSettings,
} from '../core/transition/settings.js';
import { TransitionsOptionsError } from '../errors.js';
import { optionsFromEnvironment } from './options-from-environment.js';
import type { ConfSource } from '../sources/conf-source.js';

/** What `TransitionsModule.forRoot` takes. All times are in milliseconds. */
export interface TransitionsModuleOptions extends Partial<TransitionSettings> {
  /**
   * Where configurations come from. Default: the file that
   * `TRANSITIONS_CONF_FILE` names, with `TRANSITIONS_CONF_OVERRIDES`.
   */
  readonly source?: ConfSource;
  /** Reload on SIGHUP. Default true. */
  readonly reloadOnSighup?: boolean;
  /**
   * How long the VolumeGate lets requests finish before it aborts them. Below
   * `callbackTimeout`. Default 10,000, or half of a shorter `callbackTimeout`.
   */
  readonly drainTimeout?: number;
  /**
   * How long readiness is false before Down begins, so that load balancers
   * stop sending requests. Default 0.
   */
  readonly lameduck?: number;
}

/** The options with every default filled in. */
export interface NormalizedOptions {
  readonly source: ConfSource;
  readonly settings: TransitionSettings;
  readonly reloadOnSighup: boolean;
  readonly drainTimeout: number;
  readonly lameduck: number;
}

const times = [
  'callbackTimeout',
  'rollbackTimeout',
  'shutdownTimeout',
  'slowCallbackWarning',
] as const;

const longestDrain = 10_000;

/**
 * Fills in the defaults.
 *
 * @throws TransitionsOptionsError with everything that makes no sense.
 */
export function normalizeOptions(
  given: TransitionsModuleOptions,
): NormalizedOptions {
  const set = withoutUndefined(given);
  const { source, reloadOnSighup = true, drainTimeout, lameduck = 0 } = set;
  const settings = { ...defaultSettings, ...settingsIn(set) };
  const options = {
    settings,
    reloadOnSighup,
    drainTimeout:
      drainTimeout ?? Math.min(longestDrain, settings.callbackTimeout / 2),
    lameduck,
  };
  const problems = [
    ...unknownOptions(set),
    ...problemsOfSource(source),
    ...problemsOfSettings(settings),
    ...problemsOfOthers(options),
  ];
  if (problems.length > 0 || source === undefined) {
    throw new TransitionsOptionsError(problems);
  }
  return { ...options, source };
}

/**
 * The options as given; where they lack a source, on top of what @nestjs/config
 * has under `transitions`, or else of what the environment says.
 */
export function completeOptions(
  given: TransitionsModuleOptions,
  config: ConfigServiceLike | undefined,
): TransitionsModuleOptions {
  if (given.source !== undefined) return given;
  const registered = config?.get('transitions') as
    TransitionsModuleOptions | undefined;
  const found =
    registered ??
    optionsFromEnvironment((name) =>
      config === undefined
        ? process.env[name]
        : (config.get(name) as string | undefined),
    );
  return { ...found, ...withoutUndefined(given) };
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  const set = Object.entries(options).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(set) as Partial<T>;
}

const names = [
  ...Object.keys(defaultSettings),
  'source',
  'reloadOnSighup',
  'drainTimeout',
  'lameduck',
];

function settingsIn(given: TransitionsModuleOptions) {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) =>
      Object.hasOwn(defaultSettings, name),
    ),
  ) as Partial<TransitionSettings>;
}

function unknownOptions(given: TransitionsModuleOptions): string[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => `there is no option ${name}`);
}

function problemsOfSource(source: ConfSource | undefined): string[] {
  if (source === undefined) {
    return [
      'no source of configurations; give `source`, or set TRANSITIONS_CONF_FILE',
    ];
  }
  if (typeof source.load === 'function') return [];
  return [
    'source has no load(); expected a ConfSource, such as fileConfSource(path)',
  ];
}

function problemsOfSettings(settings: TransitionSettings): string[] {
  const problems = times
    .filter((name) => !isAtLeast(0, settings[name]) || settings[name] === 0)
    .map(
      (name) =>
        `${name} is ${String(settings[name])}; expected milliseconds above 0`,
    );
  const { maxUnserve, onFailure } = settings;
  if (!isAtLeast(0, maxUnserve)) {
    problems.push(
      `maxUnserve is ${String(maxUnserve)}; expected a number of volumes`,
    );
  }
  if (onFailure !== 'rollback' && onFailure !== 'isolate') {
    problems.push(
      `onFailure is ${String(onFailure)}; expected 'rollback' or 'isolate'`,
    );
  }
  return problems;
}

function problemsOfOthers({
  settings: { callbackTimeout },
  reloadOnSighup,
  drainTimeout,
  lameduck,
}: Omit<NormalizedOptions, 'source'>): string[] {
  const problems: string[] = [];
  if (typeof reloadOnSighup !== 'boolean') {
    problems.push(
      `reloadOnSighup is ${String(reloadOnSighup)}; expected true or false`,
    );
  }
  if (!isAtLeast(0, lameduck)) {
    problems.push(`lameduck is ${String(lameduck)}; expected milliseconds`);
  }
  if (!isAtLeast(0, drainTimeout) || drainTimeout >= callbackTimeout) {
    problems.push(
      `drainTimeout is ${String(drainTimeout)}; expected milliseconds below callbackTimeout (${String(callbackTimeout)})`,
    );
  }
  return problems;
}

// Options may come from where no type checks them.
function isAtLeast(least: number, value: unknown): value is number {
  return typeof value === 'number' && value >= least;
}
