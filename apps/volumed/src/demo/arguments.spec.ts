import { expect, it } from 'vitest';
import { demoUsage, readDemoArguments } from './arguments.js';

it('without arguments the demo does what its usage says (F158)', () => {
  const args = readDemoArguments([]);
  for (const [name, value] of Object.entries(args ?? {})) {
    expect(demoUsage).toMatch(new RegExp(`--${name} N .*\\(${value}\\)`));
  }
  expect(readDemoArguments(['--rounds', '2'])).toEqual({ ...args, rounds: 2 });
});

it.each([
  [['--etcd'], 'own'],
  [['--etcd', '--rounds', '5'], 'own'],
  [['--etcd', 'http://127.0.0.1:2379'], 'http://127.0.0.1:2379'],
])('leases are kept where %j says (F158)', (args, etcd) => {
  expect(readDemoArguments(args)).toEqual({ ...readDemoArguments([]), etcd });
});

it.each([
  [['--etcd', 'http://peers:secret@127.0.0.1:2379'], 'without a name or a'],
  [['--etcd', 'peers:secret:127.0.0.1:2379'], '--etcd: expected nothing'],
  [['--etcd', 'http://peers:secret:127.0.0.1:2379'], 'expected nothing'],
  [['http://peers:secret@127.0.0.1:2379'], 'an argument without an option'],
  [['--etcd', '--', 'secret'], 'an argument without an option'],
])(
  'what may have a password is refused, and not told: %j (F158)',
  (args, why) => {
    const read = (): unknown => readDemoArguments(args);
    expect(read).toThrow(why);
    expect(read).not.toThrow(/peers|secret/);
  },
);

it('help is asked for, not a demo (F158)', () => {
  expect(readDemoArguments(['--help'])).toBeUndefined();
});

it.each([
  [['--requests', 'many'], '--requests many: expected a number'],
  [['--rounds', '0'], '--rounds 0: expected a number from 1 on'],
  [['--round', '1'], '--round'],
  [['now'], 'expected options alone'],
  [['--etcd', 'localhost:2379'], '--etcd: expected nothing'],
  [['--etcd', 'https://etcd:2379'], 'http://host:port'],
])('a mistake is told: %j (F158)', (args, message) => {
  expect(() => readDemoArguments(args)).toThrow(message);
});
