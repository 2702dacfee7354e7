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

it('an address with a password is refused, and not told (F158)', () => {
  const read = (): unknown =>
    readDemoArguments(['--etcd', 'http://peers:secret@127.0.0.1:2379']);
  expect(read).toThrow('without a name or a password');
  expect(read).not.toThrow(/peers|secret/);
});

it('help is asked for, not a demo (F158)', () => {
  expect(readDemoArguments(['--help'])).toBeUndefined();
});

it.each([
  [['--requests', 'many'], '--requests many: expected a number'],
  [['--rounds', '0'], '--rounds 0: expected a number from 1 on'],
  [['--round', '1'], '--round'],
  [['now'], 'now'],
  [['--etcd', 'localhost:2379'], '--etcd localhost:2379: expected nothing'],
  [['--etcd', 'https://etcd:2379'], 'http://host:port'],
])('a mistake is told: %j (F158)', (args, message) => {
  expect(() => readDemoArguments(args)).toThrow(message);
});
