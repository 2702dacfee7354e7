import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readArguments, UsageError } from './arguments.js';
import { leasesOf } from './leases.js';

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

it('etcd is named once or several times, by comma or by repetition, with what else leases need', () => {
  expect(readArguments(['--conf', 'a.conf'], {})?.etcd).toBeUndefined();
  const one = readArguments(['--etcd', 'http://127.0.0.1:2379'], {});
  expect(one?.etcd).toEqual({
    endpoints: ['http://127.0.0.1:2379'],
    namespace: 'volumed',
    ttl: 10,
  });
  const more = ['--etcd', 'a:1, b:2', '--etcd=c:3', '--namespace', 'demo'];
  expect(readArguments([...more, '--lease-ttl', '2'], {})?.etcd).toEqual({
    endpoints: ['a:1', 'b:2', 'c:3'],
    namespace: 'demo',
    ttl: 2,
  });
});

it.each([
  [['--etcd', 'nonsense'], /^--etcd: endpoints: expected host and port/],
  [['--etcd', 'a:1', '--namespace', '/x'], /^--etcd: namespace: expected/],
])('what etcd would not take is a mistake too: %j', async (args, message) => {
  const leases = leasesOf(readArguments(args, {})!);
  await expect(leases).rejects.toThrow(UsageError);
  await expect(leases).rejects.toThrow(message);
});

it('without etcd there are no leases', async () => {
  expect(await leasesOf(readArguments([], {})!)).toBeUndefined();
});

it.each([
  [['--conf'], '--conf'],
  [['--conf', 'a.conf', 'nonsense'], 'nonsense is no override'],
  [['--conf', 'a.conf', '.Option=1'], '.Option=1 is no override'],
  [['--verbose'], '--verbose'],
  [['--etcd'], '--etcd'],
  [['--etcd', ''], "--etcd '': expected host and port"],
  [['--etcd', 'a:1,,b:2'], 'between the commas'],
  [['--etcd', 'https://a:1'], 'expected http'],
  [['--namespace', 'demo'], '--namespace demo: expected --etcd beside it'],
  [['--lease-ttl', '5'], '--lease-ttl 5: expected --etcd beside it'],
  [['--etcd', 'a:1', '--lease-ttl', '1'], 'from 2 to 86400'],
  [['--etcd', 'a:1', '--lease-ttl', '90000'], 'from 2 to 86400'],
  [['--etcd', 'a:1', '--lease-ttl', '2.5'], 'expected whole seconds'],
])('a mistake is told: %j', (args, message) => {
  expect(() => readArguments(args, {})).toThrow(UsageError);
  expect(() => readArguments(args, {})).toThrow(message);
});
