import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { splitOverrides } from 'nestjs-transitions';

/** What the command line, or else the environment, asks for. */
export interface Arguments {
  readonly conf: string;
  readonly overrides: readonly string[];
  readonly watch: boolean;
  /** Milliseconds. */
  readonly lameduck: number;
  readonly drainTimeout: number;
  /** Where the last good configuration is kept; undefined for nowhere. */
  readonly lastGood?: string | undefined;
  /** Where the serving leases are kept; undefined for no leases. */
  readonly etcd?: EtcdArguments | undefined;
}

/** How the leases in etcd are reached, and for how long they live. */
export interface EtcdArguments {
  readonly endpoints: readonly string[];
  readonly namespace: string;
  /** Seconds. */
  readonly ttl: number;
}

/** A mistake of the one who typed the command line. */
export class UsageError extends Error {}

const exampleConf = fileURLToPath(
  new URL('../conf/peer-a.conf', import.meta.url),
);

/** How volumed is called. */
export const usage = `volumed [--conf FILE] [--watch] [Section.Option=value ...]

  --conf FILE            the cluster's configuration (or TRANSITIONS_CONF_FILE; else peer-a of the example)
  Section.Option=value   replaces what the file says (or TRANSITIONS_CONF_OVERRIDES, separated by ;)
  --watch                reload when the file changes, not only on SIGHUP
  --last-good FILE       keep the last good configuration there, and boot with it where that of --conf is no good
  --etcd ADDRESS         serve only volumes whose lease in this etcd is ours, so that no two peers serve one;
                         several members by comma, or by naming it again, such as http://127.0.0.1:2379
  --namespace NAME       what the keys of this cluster in etcd begin with (volumed)
  --lease-ttl SECONDS    after which others may serve what a dead peer had, from 2 (10)
  --lameduck MS          how long /ready says no before a shutdown begins (0)
  --drain-timeout MS     how long requests may go on in a volume that leaves (10000)
  --help                 this text
`;

/**
 * Reads the command line; undefined when it asks for help.
 *
 * @throws UsageError
 */
export function readArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const conf =
    values.conf ?? (environment['TRANSITIONS_CONF_FILE'] || exampleConf);
  for (const override of positionals) {
    if (!/^[^.=]+\..+=/.test(override)) {
      throw new UsageError(
        `${override} is no override; expected Section.Option=value`,
      );
    }
  }
  const overrides = splitOverrides(environment['TRANSITIONS_CONF_OVERRIDES']);
  return {
    conf,
    overrides: [...overrides, ...positionals],
    watch: values.watch === true,
    lastGood: values['last-good'],
    etcd: etcdArguments(values),
    lameduck: milliseconds('lameduck', values.lameduck, 0),
    drainTimeout: milliseconds(
      'drain-timeout',
      values['drain-timeout'],
      10_000,
    ),
  };
}

function etcdArguments({
  etcd,
  namespace,
  'lease-ttl': ttl,
}: ReturnType<typeof parse>['values']): EtcdArguments | undefined {
  if (etcd === undefined) {
    const more = { namespace, 'lease-ttl': ttl };
    for (const [option, value] of Object.entries(more)) {
      if (value === undefined) continue;
      throw new UsageError(`--${option} ${value}: expected --etcd beside it`);
    }
    return undefined;
  }
  const endpoints = etcd.flatMap((text) => text.split(',')).map(trimmed);
  for (const endpoint of endpoints) {
    if (endpoint === '') {
      throw new UsageError(
        `--etcd '${etcd.join(',')}': expected host and port, such as http://127.0.0.1:2379, between the commas`,
      );
    }
    if (/^https:/i.test(endpoint)) {
      throw new UsageError(
        `--etcd ${endpoint}: expected http, as volumed has no options for TLS`,
      );
    }
  }
  return { endpoints, namespace: namespace ?? 'volumed', ttl: seconds(ttl) };
}

function trimmed(text: string): string {
  return text.trim();
}

function seconds(ttl = '10'): number {
  // As the leases of etcd take it.
  if (/^\d{1,5}$/.test(ttl) && Number(ttl) >= 2 && Number(ttl) <= 86_400) {
    return Number(ttl);
  }
  throw new UsageError(
    `--lease-ttl ${ttl}: expected whole seconds, from 2 to 86400`,
  );
}

function milliseconds(
  option: string,
  text: string | undefined,
  fallback: number,
): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} ${text}: expected milliseconds`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        conf: { type: 'string' },
        watch: { type: 'boolean' },
        'last-good': { type: 'string' },
        etcd: { type: 'string', multiple: true },
        namespace: { type: 'string' },
        'lease-ttl': { type: 'string' },
        lameduck: { type: 'string' },
        'drain-timeout': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : '');
  }
}
