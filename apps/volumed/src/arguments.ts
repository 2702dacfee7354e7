import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { splitOverrides } from 'nestjs-transitions';
import {
  etcdOptions,
  etcdUsage,
  readEtcdArguments,
  type EtcdArguments,
} from './etcd-arguments.js';
import { UsageError } from './usage-error.js';

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

const exampleConf = fileURLToPath(
  new URL('../conf/peer-a.conf', import.meta.url),
);

/** How volumed is called. */
export const usage = `volumed [--conf FILE] [--watch] [Section.Option=value ...]

  --conf FILE            the cluster's configuration (or TRANSITIONS_CONF_FILE; else peer-a of the example)
  Section.Option=value   replaces what the file says (or TRANSITIONS_CONF_OVERRIDES, separated by ;)
  --watch                reload when the file changes, not only on SIGHUP
  --last-good FILE       keep the last good configuration there, and boot with it where that of --conf is no good
${etcdUsage}  --lameduck MS          how long /ready says no before a shutdown begins (0)
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
  refuseOthers(positionals);
  const overrides = splitOverrides(environment['TRANSITIONS_CONF_OVERRIDES']);
  return {
    conf,
    overrides: [...overrides, ...positionals],
    watch: values.watch === true,
    lastGood: values['last-good'],
    etcd: readEtcdArguments(values),
    lameduck: milliseconds('lameduck', values.lameduck, 0),
    drainTimeout: milliseconds(
      'drain-timeout',
      values['drain-timeout'],
      10_000,
    ),
  };
}

/** None is told: it may be a password, or the address of an etcd with one, whose option was forgotten. */
function refuseOthers(overrides: readonly string[]): void {
  const index = overrides.findIndex((text) => !/^[^.=]+\..+=/.test(text));
  if (index === -1) return;
  throw new UsageError(
    `number ${index + 1} of the overrides is none; expected Section.Option=value, and before anything else its option, such as --etcd`,
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
        ...etcdOptions,
        lameduck: { type: 'string' },
        'drain-timeout': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : '');
  }
}
