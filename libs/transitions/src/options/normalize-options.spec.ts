import { describe, expect, it } from 'vitest';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import type { RetrySettings } from '../core/transition/settings.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { sampleConf } from '../testing/sample-conf.js';
import { normalizeOptions } from './normalize-options.js';

const source = staticConfSource(sampleConf());
const days = 24 * 60 * 60 * 1000;

function problemsOf(given: Record<string, unknown>): readonly string[] {
  try {
    normalizeOptions({ source, ...given });
  } catch (thrown) {
    if (thrown instanceof TransitionsOptionsError) return thrown.problems;
    throw thrown;
  }
  return [];
}

const no = (): undefined => undefined;
/** What a store of leases has. */
const leases = {
  describe: no,
  openSession: no,
  list: no,
  changes: no,
  close: no,
};

it('leases are what a store of leases has, and what is missing is named', () => {
  const expected =
    'expected ServingLeases, such as etcdServingLeases({ endpoints, namespace })';
  expect(problemsOf({ leases })).toEqual([]);
  for (const name of Object.keys(leases)) {
    expect(problemsOf({ leases: { ...leases, [name]: undefined } })).toEqual([
      `leases has no ${name}(); ${expected}`,
    ]);
  }
  // As one that was not called, and one that is not there.
  expect(problemsOf({ leases: () => leases })).toEqual([
    `leases has no describe(), openSession(), list(), changes(), close(); ${expected}`,
  ]);
  expect(problemsOf({ leases: null })).toEqual([`leases is null; ${expected}`]);
});

describe('options that are times', () => {
  const limits = [
    'callbackTimeout',
    'rollbackTimeout',
    'shutdownTimeout',
    'slowCallbackWarning',
  ];

  it.each(limits)('%s may be months, or without end (F99)', (name) => {
    for (const value of [60 * days, Infinity]) {
      expect(problemsOf({ [name]: value })).toEqual([]);
    }
  });

  it.each(limits)('%s is refused by name when it is no time (F99)', (name) => {
    for (const value of [0, -1, NaN, '10s', null]) {
      expect(problemsOf({ [name]: value })).toEqual([
        `${name} is ${String(value)}; expected milliseconds above 0`,
      ]);
    }
  });

  it.each(['lameduck', 'drainTimeout'])(
    '%s may be none or months, and is refused by name when it never ends or is no time (F99)',
    (name) => {
      for (const value of [0, 30 * days]) {
        expect(
          problemsOf({ callbackTimeout: Infinity, [name]: value }),
        ).toEqual([]);
      }
      for (const value of [Infinity, -1, NaN, '10s']) {
        expect(
          problemsOf({ callbackTimeout: Infinity, [name]: value }),
        ).toEqual([
          `${name} is ${String(value)}; expected a finite number of milliseconds`,
        ]);
      }
    },
  );

  it('drainTimeout that is not below callbackTimeout is refused with both', () => {
    expect(problemsOf({ callbackTimeout: 5, drainTimeout: 5 })).toEqual([
      'drainTimeout is 5; expected milliseconds below callbackTimeout (5)',
    ]);
  });
});

describe('retry', () => {
  it('is false, or some of its settings; the others have their defaults (F183)', () => {
    const settingsOf = (retry: Partial<RetrySettings> | false) =>
      normalizeOptions({ source, retry }).settings.retry;
    expect(settingsOf(false)).toBe(false);
    expect(settingsOf({})).toEqual({
      initial: 1_000,
      max: 60_000,
      reloads: false,
    });
    expect(settingsOf({ reloads: true, max: 5_000 })).toEqual({
      initial: 1_000,
      max: 5_000,
      reloads: true,
    });
  });

  it.each([
    true,
    null,
    5_000,
    { initial: 0 },
    { initial: Infinity, max: Infinity },
    { initial: 5, max: 4 },
    { max: 999 },
    { maximum: 5 },
    { reloads: 'yes' },
  ])('is refused when it is %j (F183)', (retry) => {
    const text =
      typeof retry === 'object' && retry !== null ? 'an object' : String(retry);
    expect(problemsOf({ retry })).toEqual([
      expect.stringContaining(`retry is ${text}; expected false or {`),
    ]);
  });
});

describe('an option that is misspelt', () => {
  it('is refused with the one that is meant (F176)', () => {
    expect(problemsOf({ callbackTimeuot: 1, nonsense: 1 })).toEqual([
      'there is no option callbackTimeuot; did you mean callbackTimeout?',
      'there is no option nonsense',
    ]);
  });
});

it('leaseStoreFile is refused where it is no path, and where nothing is leased', () => {
  expect(problemsOf({ leases, leaseStoreFile: 'store' })).toEqual([]);
  expect(problemsOf({ leases, leaseStoreFile: 7 })).toEqual([
    'leaseStoreFile is 7; expected the path of a file',
  ]);
  expect(problemsOf({ leases, leaseStoreFile: '' })).toEqual([
    "leaseStoreFile is ''; expected the path of a file",
  ]);
  expect(problemsOf({ leaseStoreFile: 'store' })).toEqual([
    'leaseStoreFile is store, and there are no leases; give `leases` too',
  ]);
});
