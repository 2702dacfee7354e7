import { defaultSettings, type TransitionSettings } from './core/settings.js';
import type { ConfigServiceLike } from './config/config-service.js';
import { TransitionsOptionsError } from './errors.js';
import type { ConfSource } from './sources/conf-source.js';
import { fileConfSource } from './sources/file.conf-source.js';

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
   * `callbackTimeout`. Default 10,000.
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

/**
 * Fills in the defaults.
 *
 * @throws TransitionsOptionsError with everything that makes no sense.
 */
export function normalizeOptions({
  source,
  reloadOnSighup = true,
  drainTimeout = 10_000,
  lameduck = 0,
  ...given
}: TransitionsModuleOptions): NormalizedOptions {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const settings = { ...defaultSettings, ...Object.fromEntries(set) };
  const problems = problemsOf(settings);
  if (!(drainTimeout >= 0 && drainTimeout < settings.callbackTimeout)) {
    problems.push(
      `drainTimeout is ${drainTimeout}; expected milliseconds below callbackTimeout (${settings.callbackTimeout})`,
    );
  }
  if (!(lameduck >= 0)) {
    problems.push(`lameduck is ${lameduck}; expected milliseconds`);
  }
  if (source === undefined) {
    problems.push(
      'no source of configurations; give `source`, or set TRANSITIONS_CONF_FILE',
    );
  }
  if (problems.length > 0 || source === undefined) {
    throw new TransitionsOptionsError(problems);
  }
  return { source, settings, reloadOnSighup, drainTimeout, lameduck };
}

/**
 * The options that environment variables give: `TRANSITIONS_CONF_FILE`,
 * `TRANSITIONS_CONF_OVERRIDES` (`Section.Option=values`, several separated by
 * `;`), `TRANSITIONS_CONF_WATCH` (`true`), `TRANSITIONS_CALLBACK_TIMEOUT`,
 * `TRANSITIONS_ROLLBACK_TIMEOUT`, `TRANSITIONS_SHUTDOWN_TIMEOUT`,
 * `TRANSITIONS_SLOW_CALLBACK_WARNING` (milliseconds), `TRANSITIONS_ON_FAILURE`
 * and `TRANSITIONS_MAX_UNSERVE`.
 */
export function optionsFromEnvironment(
  read: (name: string) => string | undefined,
): TransitionsModuleOptions {
  const number = (name: string): number | undefined => {
    const text = read(name);
    return text === undefined || text === '' ? undefined : Number(text);
  };
  const file = read('TRANSITIONS_CONF_FILE');
  const overrides = (read('TRANSITIONS_CONF_OVERRIDES') ?? '')
    .split(';')
    .filter((override) => override.trim() !== '');
  const watch = read('TRANSITIONS_CONF_WATCH') === 'true';
  const entries = Object.entries({
    source:
      file === undefined || file === ''
        ? undefined
        : fileConfSource(file, { overrides, watch }),
    callbackTimeout: number('TRANSITIONS_CALLBACK_TIMEOUT'),
    rollbackTimeout: number('TRANSITIONS_ROLLBACK_TIMEOUT'),
    shutdownTimeout: number('TRANSITIONS_SHUTDOWN_TIMEOUT'),
    slowCallbackWarning: number('TRANSITIONS_SLOW_CALLBACK_WARNING'),
    onFailure: read('TRANSITIONS_ON_FAILURE'),
    maxUnserve: number('TRANSITIONS_MAX_UNSERVE'),
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as TransitionsModuleOptions;
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
  const registered = config?.get<TransitionsModuleOptions | undefined>(
    'transitions',
  );
  const found =
    registered ??
    optionsFromEnvironment((name) =>
      config === undefined ? process.env[name] : config.get<string>(name),
    );
  return { ...found, ...given };
}

function problemsOf(settings: TransitionSettings): string[] {
  const problems: string[] = [];
  for (const name of times) {
    const value: unknown = settings[name];
    if (typeof value !== 'number' || !(value > 0)) {
      problems.push(
        `${name} is ${String(value)}; expected milliseconds above 0`,
      );
    }
  }
  if (!(settings.maxUnserve >= 0)) {
    problems.push(
      `maxUnserve is ${settings.maxUnserve}; expected a number of volumes`,
    );
  }
  const { onFailure } = settings;
  if (onFailure !== 'rollback' && onFailure !== 'isolate') {
    problems.push(
      `onFailure is ${String(onFailure)}; expected 'rollback' or 'isolate'`,
    );
  }
  return problems;
}
