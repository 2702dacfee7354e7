import { expect, it } from 'vitest';
import { readArguments, usage } from './arguments.js';
import { etcdOptions, passwordVariable } from './etcd-arguments.js';
import { UsageError } from './usage-error.js';

const etcd = ['--etcd', 'https://a:1'];

it('etcd is named once or several times, by comma or by repetition, with what else leases need', () => {
  expect(readArguments(['--conf', 'a.conf'], {})?.etcd).toBeUndefined();
  const one = readArguments(['--etcd', 'http://127.0.0.1:2379'], {});
  expect(one?.etcd).toEqual({
    endpoints: ['http://127.0.0.1:2379'],
    namespace: 'volumed',
    ttl: 10,
  });
  const members = ['--etcd', 'a:1, b:2', '--etcd=c:3'];
  const more = ['--namespace=demo', '--lease-ttl=2', '--lease-store=store'];
  expect(readArguments([...members, ...more], {})?.etcd).toEqual({
    endpoints: ['a:1', 'b:2', 'c:3'],
    namespace: 'demo',
    ttl: 2,
    storeFile: 'store',
  });
});

it.each([
  [etcd, {}],
  [['--etcd', 'a:1', '--etcd-ca', 'ca'], { ca: 'ca' }],
  [
    ['--etcd', 'a:1', '--etcd-cert', 'c', '--etcd-key', 'k'],
    { cert: 'c', key: 'k' },
  ],
  [['--etcd', 'a:1'], undefined],
])('https and files of certificates ask for TLS: %j', (args, tls) => {
  expect(readArguments(args, {})?.etcd?.tls).toEqual(tls);
});

it('a user logs in, with a password that is in no argument', () => {
  const user = [...etcd, '--etcd-user', 'peers'];
  const loginOf = (args: readonly string[]): unknown =>
    readArguments(args, { [passwordVariable]: 'secret' })?.etcd?.login;
  expect(loginOf(etcd)).toBeUndefined();
  expect(loginOf(user)).toEqual({ name: 'peers' });
  expect(loginOf([...user, '--etcd-password-file', 'p'])).toEqual({
    name: 'peers',
    passwordFile: 'p',
  });
});

it.each([
  ['--etcd', 'http://peers:secret@etcd:2379'],
  ['--etcd', 'a:1,,http://peers:sec,secret@etcd:2379'],
  ['--etcd', 'http://peers:secret', '--etcd', 'secret@etcd:2379'],
])('an address with a password is refused, and not told: %j', (...args) => {
  const read = (): unknown => readArguments(args, {});
  expect(read).toThrow(UsageError);
  expect(read).toThrow(
    `give them with --etcd-user, and --etcd-password-file or ${passwordVariable}`,
  );
  expect(read).not.toThrow(/peers|sec,|secret/);
});

it.each([
  [
    [...etcd, 'A.B=1', 'http://peers:secret@etcd:2379'],
    /^number 2 of the over/,
  ],
  [[...etcd, 'peers:secret:etcd:2379'], /^number 1 of the overrides is none/],
  [[...etcd, '--etcd-user', 'peers', 'secret'], /^number 1 of the overrides/],
  [['--etcd', 'peers:secret:etcd:2379,'], /between the commas/],
  [[...etcd, '--etcd', 'http://peers:secret:b:1'], /expected https/],
  [
    ['--etcd-password-file', 'secret'],
    /^--etcd-password-file: expected --etcd /,
  ],
  [
    [...etcd, '--etcd-password-file', 'secret'],
    /^--etcd-password-file: expected --etcd-user/,
  ],
  [[...etcd, '--etcd-password=secret'], /--etcd-password/],
] as const)('what may be a password is not told: %j', (args, message) => {
  const read = (): unknown => readArguments(args, {});
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
  expect(read).not.toThrow(/peers|secret/);
});

it('help names each option and the variable', () => {
  for (const option of Object.keys(etcdOptions))
    expect(usage).toContain(`  --${option} `);
  expect(usage).toContain(passwordVariable);
});

it.each([
  [['--etcd', ''], '--etcd: expected host and port'],
  [['--etcd', 'a:1,,b:2'], 'between the commas'],
  [['--namespace', 'demo'], '--namespace: expected --etcd beside it'],
  [['--lease-ttl', '5'], '--lease-ttl: expected --etcd beside it'],
  [['--etcd-ca', 'ca'], '--etcd-ca: expected --etcd beside it'],
  [['--lease-store', 'f'], '--lease-store: expected --etcd beside it'],
  [['--etcd-user', 'a'], '--etcd-user: expected --etcd beside it'],
  [[...etcd, '--lease-store', ''], "--lease-store '': expected a value"],
  [[...etcd, '--etcd-user='], "--etcd-user '': expected a value"],
  [['--etcd-ca', ''], "--etcd-ca '': expected a value"],
  [[...etcd, '--etcd', 'http://b:2'], '--etcd: expected https://'],
  [['--etcd', 'http://a:1', '--etcd-ca', 'c'], 'as a certificate is given'],
  [['--etcd', 'a:1', '--lease-ttl', '1'], 'from 2 to 600'],
  [['--etcd', 'a:1', '--lease-ttl', '601'], 'from 2 to 600'],
  [['--etcd', 'a:1', '--lease-ttl', '2.5'], 'expected whole seconds'],
  [[...etcd, '--etcd-cert', 'c'], 'go together, and one is missing'],
  [[...etcd, '--etcd-key', 'k'], 'go together, and one is missing'],
  [[...etcd, '--etcd-password-file', 'p'], 'expected --etcd-user beside it'],
  [[...etcd, '--etcd-password', 'secret'], '--etcd-password'],
])('a mistake is told: %j', (args, message) => {
  expect(() => readArguments(args, {})).toThrow(UsageError);
  expect(() => readArguments(args, {})).toThrow(message);
});
