import type { ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.js';

/** How the leases in etcd are reached, and for how long they live. */
export interface EtcdArguments {
  readonly endpoints: readonly string[];
  readonly namespace: string;
  /** Seconds. */
  readonly ttl: number;
  /** Undefined for no encryption. */
  readonly tls?: CertificateFiles | undefined;
  /** Undefined for no login. */
  readonly login?: Login | undefined;
  /** Where it is kept which store was used; undefined for nowhere. */
  readonly storeFile?: string | undefined;
}

/** Paths of files in PEM; what is left out is not given to etcd. */
export interface CertificateFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Who logs in. */
export interface Login {
  readonly name: string;
  /** Undefined: the environment has the password. */
  readonly passwordFile?: string | undefined;
}

/** Has the password, where no file does. A command line can be read by others. */
export const passwordVariable = 'VOLUMED_ETCD_PASSWORD';

export const etcdOptions = {
  etcd: { type: 'string', multiple: true },
  namespace: { type: 'string' },
  'lease-ttl': { type: 'string' },
  'etcd-ca': { type: 'string' },
  'etcd-cert': { type: 'string' },
  'etcd-key': { type: 'string' },
  'etcd-user': { type: 'string' },
  'etcd-password-file': { type: 'string' },
  'lease-store': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const etcdUsage = `\
  --etcd ADDRESS         serve only volumes whose lease in this etcd is ours, so that no two peers serve one;
                         several members by comma, or by naming it again, such as http://127.0.0.1:2379
  --namespace NAME       what the keys of this cluster in etcd begin with (volumed)
  --lease-ttl SECONDS    after which others may serve what a dead peer had, from 2 (10)
  --lease-store FILE     keep there, for this peer alone, which etcd was used, and serve nothing with another one
  --etcd-ca FILE         who signed etcd's certificates, for https:// (the authorities that Node knows)
  --etcd-cert FILE       our own certificate, where etcd asks for one,
  --etcd-key FILE        and its key
  --etcd-user NAME       log in to etcd as this user,
  --etcd-password-file FILE   with the password in this file (else that in ${passwordVariable})
`;

/** What was given of `etcdOptions`. */
type Given = {
  readonly [Option in keyof typeof etcdOptions]?:
    (Option extends 'etcd' ? string[] : string) | undefined;
};

/**
 * Undefined where no etcd is named.
 *
 * @throws UsageError
 */
export function readEtcdArguments(given: Given): EtcdArguments | undefined {
  const { etcd, namespace = 'volumed' } = given;
  refuseEmpty(given);
  if (etcd === undefined) {
    refuseWithoutEtcd(given);
    return undefined;
  }
  refuseCredentials(etcd);
  const endpoints = etcd.flatMap((text) => text.split(',')).map(trimmed);
  if (endpoints.includes('')) {
    throw new UsageError(
      '--etcd: expected host and port, such as http://127.0.0.1:2379, between the commas',
    );
  }
  return {
    endpoints,
    namespace,
    ttl: seconds(given['lease-ttl']),
    tls: certificateFiles(given, endpoints),
    login: loginOf(given),
    storeFile: given['lease-store'],
  };
}

/** As `--lease-store "$FILE"` has it where the variable is not set. */
function refuseEmpty(given: Given): void {
  for (const [option, value] of Object.entries(given)) {
    if (!(option in etcdOptions) || value !== '') continue;
    throw new UsageError(`--${option} '': expected a value`);
  }
}

function refuseWithoutEtcd(given: Given): void {
  for (const [option, value] of Object.entries(given)) {
    if (!(option in etcdOptions) || value === undefined) continue;
    throw new UsageError(`--${option}: expected --etcd beside it`);
  }
}

/** They are told nowhere, as they would be in the log. */
function refuseCredentials(addresses: readonly string[]): void {
  if (!addresses.some((address) => address.includes('@'))) return;
  throw new UsageError(
    `--etcd: expected host and port alone, such as http://127.0.0.1:2379, and there is a name or a password before an '@': give them with --etcd-user, and --etcd-password-file or ${passwordVariable}`,
  );
}

function certificateFiles(
  given: Given,
  endpoints: readonly string[],
): CertificateFiles | undefined {
  const { 'etcd-ca': ca, 'etcd-cert': cert, 'etcd-key': key } = given;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError(
      '--etcd-cert and --etcd-key go together, and one is missing',
    );
  }
  const files = { ca, cert, key };
  const isAsked = ca !== undefined || cert !== undefined;
  const isNeeded = endpoints.some((endpoint) => /^https:/i.test(endpoint));
  if (!isAsked && !isNeeded) return undefined;
  if (!endpoints.some((endpoint) => /^http:/i.test(endpoint))) return files;
  throw new UsageError(
    `--etcd: expected https://, and no http://, as ${isAsked ? 'a certificate is given' : 'another address has it'}`,
  );
}

function loginOf(given: Given): Login | undefined {
  const { 'etcd-user': name, 'etcd-password-file': passwordFile } = given;
  if (name !== undefined) return { name, passwordFile };
  if (passwordFile === undefined) return undefined;
  // Its value may be the password itself.
  throw new UsageError('--etcd-password-file: expected --etcd-user beside it');
}

function trimmed(text: string): string {
  return text.trim();
}

function seconds(ttl = '10'): number {
  // As the leases of etcd take it.
  if (/^\d{1,3}$/.test(ttl) && Number(ttl) >= 2 && Number(ttl) <= 600) {
    return Number(ttl);
  }
  throw new UsageError(
    `--lease-ttl ${ttl}: expected whole seconds, from 2 to 600`,
  );
}
