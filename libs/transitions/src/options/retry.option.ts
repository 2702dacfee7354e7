import {
  flag,
  problemsOfOptions,
  timeLimit,
  type ValueKind,
} from '../checks/value-kinds.js';
import {
  defaultSettings,
  type RetrySettings,
} from '../core/transition/settings.js';

const kinds = {
  initial: timeLimit,
  max: timeLimit,
  reloads: flag,
} satisfies Record<keyof RetrySettings, ValueKind>;

/** When what failed is tried again: false, or some of its settings; as JSON in the environment. */
export const retryKind: ValueKind = {
  expected:
    'false or { initial, max, reloads }, with milliseconds above 0 of which initial is not above max, and a flag',
  accepts: (value) => {
    if (value === false) return true;
    if (typeof value !== 'object' || value === null) return false;
    if (problemsOfOptions(value, kinds).length > 0) return false;
    const { initial, max } = withRetryDefaults(value);
    return initial <= max && initial !== Infinity;
  },
  parse: (text) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  },
};

/** Fills in what is not given. */
export function withRetryDefaults(
  given: Partial<RetrySettings>,
): RetrySettings {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}

const defaults = defaultSettings.retry as RetrySettings;
