import {
  problemsOfNames,
  problemsOfValues,
  textOf,
} from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import { SectionSchemas } from '../core/configuration/section-schemas.js';
import {
  defaultSettings,
  type TransitionSettings,
} from '../core/transition/settings.js';
import { LastGoodConfSource } from '../sources/last-good.conf-source.js';
import type { ConfSource } from '../sources/conf-source.js';
import { problemsOfSchemas } from './schemas-option.js';
import type {
  NormalizedOptions,
  TransitionsModuleOptions,
} from './transitions.options.js';
import { withRetryDefaults } from './retry.option.js';
import {
  optionKinds,
  optionRows,
  optionTable,
  type PlainOption,
} from './option-table.js';

const methodsOfLeases: readonly (keyof ServingLeases)[] = [
  'describe',
  'openSession',
  'list',
  'changes',
  'close',
];

type PlainOptions = Required<Pick<TransitionsModuleOptions, PlainOption>>;

/**
 * Fills in the defaults.
 *
 * @throws TransitionsOptionsError with everything that makes no sense.
 */
export function normalizeOptions(
  given: TransitionsModuleOptions,
): NormalizedOptions {
  const {
    source,
    schemas = {},
    leases,
    leaseStoreFile,
    ...plain
  } = withoutUndefined(given);
  const options = withDefaults(plain);
  const problems = [
    ...problemsOfNames(plain, [
      'source',
      'schemas',
      'leases',
      'leaseStoreFile',
      ...Object.keys(optionTable),
    ]),
    ...problemsOfSource(source, leases),
    ...problemsOfLeases(leases),
    ...problemsOfLeaseStoreFile(leaseStoreFile, leases),
    ...problemsOfSchemas(schemas),
    ...problemsOfValues(plain, optionKinds),
  ];
  if (problems.length === 0) problems.push(...contradictions(options));
  if (problems.length > 0 || source === undefined) {
    throw new TransitionsOptionsError(problems);
  }
  const { retry } = options;
  const settings: TransitionSettings = {
    ...settingsIn(options),
    retry: retry === false ? false : withRetryDefaults(retry),
  };
  return {
    ...options,
    source,
    schemas: new SectionSchemas(schemas),
    leases,
    leaseStoreFile,
    settings,
  };
}

/** The options that are set. */
export function withoutUndefined<T extends object>(options: T): Partial<T> {
  const set = Object.entries(options).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(set) as Partial<T>;
}

function withDefaults(given: Partial<PlainOptions>): PlainOptions {
  const defaults = Object.fromEntries(
    optionRows.map(([name, row]) => [name, row.default]),
  ) as unknown as PlainOptions;
  const { callbackTimeout = defaults.callbackTimeout } = given;
  return {
    ...defaults,
    drainTimeout: Math.min(defaults.drainTimeout, callbackTimeout / 2),
    ...given,
  };
}

function settingsIn(options: PlainOptions): TransitionSettings {
  const names = Object.keys(defaultSettings) as (keyof TransitionSettings)[];
  return Object.fromEntries(
    names.map((name) => [name, options[name]]),
  ) as unknown as TransitionSettings;
}

function problemsOfLeases(leases: unknown): string[] {
  if (leases === undefined) return [];
  const expected =
    'expected ServingLeases, such as etcdServingLeases({ endpoints, namespace })';
  if (Object(leases) !== leases) {
    return [`leases is ${textOf(leases)}; ${expected}`];
  }
  const given = leases as Partial<ServingLeases>;
  const missing = methodsOfLeases.filter(
    (name) => typeof given[name] !== 'function',
  );
  if (missing.length === 0) return [];
  const names = missing.map((name) => `${name}()`).join(', ');
  return [`leases has no ${names}; ${expected}`];
}

function problemsOfLeaseStoreFile(path: unknown, leases: unknown): string[] {
  if (path === undefined) return [];
  if (typeof path !== 'string' || path === '') {
    const text = path === '' ? "''" : textOf(path);
    return [`leaseStoreFile is ${text}; expected the path of a file`];
  }
  return leases === undefined
    ? [
        `leaseStoreFile is ${path}, and there are no leases; give \`leases\` too`,
      ]
    : [];
}

function problemsOfSource(
  source: ConfSource | undefined,
  leases: ServingLeases | undefined,
): string[] {
  if (source === undefined) {
    return [
      'no source of configurations; give `source`, or set TRANSITIONS_CONF_FILE',
    ];
  }
  if (typeof source.load !== 'function') {
    return [
      'source has no load(); expected a ConfSource, such as fileConfSource(path)',
    ];
  }
  return source instanceof LastGoodConfSource &&
    !source.allowsStale &&
    leases === undefined
    ? [
        'source is a lastGoodConfSource, which needs serving leases: without them, another peer may serve these volumes by the time that this one boots with an old configuration; give it `allowStale: true` if yours cannot, or if that is better than not to boot',
      ]
    : [];
}

/** What is wrong with options of which each by itself makes sense. */
function contradictions(options: PlainOptions): string[] {
  const { drainTimeout, callbackTimeout } = options;
  if (drainTimeout < callbackTimeout) return [];
  return [
    `drainTimeout is ${drainTimeout}; expected milliseconds below callbackTimeout (${callbackTimeout})`,
  ];
}
