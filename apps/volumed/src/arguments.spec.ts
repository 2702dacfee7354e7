import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readArguments } from './arguments.js';
import { UsageError } from './usage-error.js';

it('the command line names the configuration, overrides and whether to watch', () => {
  expect(
    readArguments(
      ['--conf', 'a.conf', 'Cluster.WhoAmI=b', '--watch', '--last-good', 'l'],
      {},
    ),
  ).toMatchObject({
    conf: 'a.conf',
    lastGood: 'l',
    overrides: ['Cluster.WhoAmI=b'],
    watch: true,
  });
});

it('the environment stands in for what the command line leaves out, whose overrides come last', () => {
  const environment = {
    TRANSITIONS_CONF_FILE: 'env.conf',
    TRANSITIONS_CONF_OVERRIDES: 'A.B=1; C.D=2, 3;',
  };
  expect(readArguments(['E.F='], environment)).toMatchObject({
    conf: 'env.conf',
    overrides: ['A.B=1', 'C.D=2, 3', 'E.F='],
    watch: false,
  });
  expect(readArguments(['--conf', 'a.conf'], environment)?.conf).toBe('a.conf');
});

it('without a configuration it is a peer of the example cluster', () => {
  const conf = readArguments([], { TRANSITIONS_CONF_FILE: '' })!.conf;
  expect(conf).toMatch(/apps\/volumed\/conf\/peer-a\.conf$/);
  expect(existsSync(conf)).toBe(true);
});

it('help is asked for, not a server', () => {
  expect(readArguments(['--help'], {})).toBeUndefined();
});

it.each([
  [['--conf'], '--conf'],
  [['--conf', 'a.conf', 'nonsense'], 'number 1 of the overrides is none'],
  [['--conf', 'a.conf', '.Option=1'], 'number 1 of the overrides is none'],
  [['--verbose'], '--verbose'],
  [['--etcd'], '--etcd'],
])('a mistake is told: %j', (args, message) => {
  expect(() => readArguments(args, {})).toThrow(UsageError);
  expect(() => readArguments(args, {})).toThrow(message);
});
