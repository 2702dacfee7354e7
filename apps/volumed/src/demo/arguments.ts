import { parseArgs } from 'node:util';

/** How much the demo does. */
export interface DemoArguments {
  readonly requests: number;
  readonly rounds: number;
  readonly groups: number;
  readonly clients: number;
  /** With leases: the address of an etcd, or `own` for one that the demo starts. */
  readonly etcd?: string;
}

const defaults = {
  requests: 30_000,
  rounds: 5,
  groups: 6,
  clients: 16,
};

/** How the demo is called. */
export const demoUsage = `npm run demo -- [options]

  --requests N   how many requests at least (${defaults.requests})
  --rounds N     how often each volume moves (${defaults.rounds})
  --groups N     volume groups, of two volumes each (${defaults.groups})
  --clients N    clients that ask at the same time (${defaults.clients})
  --etcd [URL]   with serving leases, and one peer is killed; the leases are kept in an
                 etcd that the demo starts, or in that of URL, such as http://127.0.0.1:2379
  --help         this text
`;

/**
 * Reads the command line of the demo; undefined when it asks for help.
 *
 * @throws Error for what makes no sense.
 */
export function readDemoArguments(
  args: readonly string[],
): DemoArguments | undefined {
  const { values, positionals } = parseArgs({
    args: args.map(withValue),
    allowPositionals: true,
    options: {
      requests: { type: 'string' },
      rounds: { type: 'string' },
      groups: { type: 'string' },
      clients: { type: 'string' },
      etcd: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  if (positionals.length > 0) {
    // It is not told, as it may be an address with a password.
    throw new Error(
      'expected options alone, such as --rounds 2, and there is an argument without an option',
    );
  }
  const number = (name: keyof typeof defaults): number => {
    const text = values[name] ?? `${defaults[name]}`;
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new Error(`--${name} ${text}: expected a number from 1 on`);
  };
  return {
    requests: number('requests'),
    rounds: number('rounds'),
    groups: number('groups'),
    clients: number('clients'),
    ...(values.etcd !== undefined && { etcd: etcdAddress(values.etcd) }),
  };
}

/** `parseArgs` knows no option whose value may be left out. */
function withValue(arg: string, index: number, args: readonly string[]) {
  const next = args[index + 1] ?? '-';
  return arg === '--etcd' && next.startsWith('-') ? '--etcd=own' : arg;
}

function etcdAddress(text: string): string {
  if (text.includes('@')) {
    throw new Error(
      '--etcd: expected http://host:port, without a name or a password: the demo does not log in',
    );
  }
  const isHttp = text.startsWith('http://') && URL.canParse(text);
  if (text === 'own' || isHttp) return text;
  throw new Error('--etcd: expected nothing behind it, or http://host:port');
}
