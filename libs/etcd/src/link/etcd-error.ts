import { LeaseStoreError } from 'nestjs-transitions/core';

/** The status codes of gRPC that matter here. */
export const status = {
  cancelled: 1,
  notFound: 5,
  outOfRange: 11,
  internal: 13,
  unavailable: 14,
} as const;

/** A call that failed. */
export class EtcdError extends LeaseStoreError {
  /** @param code - the status code of gRPC, if there is one */
  constructor(
    message: string,
    readonly code?: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Why nothing is asked any more. */
export const leasesClosed =
  'The leases are closed, as the application is that they were given to';

const noTls =
  'perhaps it has no TLS there: look at the address, or reach it without TLS';
const onlyTls =
  'perhaps it wants TLS there, or is no etcd: look at the address, or reach it with TLS';

// In words that fit the options of etcdServingLeases, and a command line that has its own.
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /database space exceeded/,
    'it opens no session, and may take no claim and no release, until it is compacted and its alarm is disarmed; what is held stays held',
  ],
  [
    /permission denied/,
    'the role of this user must be allowed to read and write everything below the namespace',
  ],
  [/authentication failed/, 'look at the name and the password'],
  [
    /user name is empty|user name not found/,
    'etcd asks for a name and a password',
  ],
  [
    /authentication is not enabled/,
    'give no name and no password, or enable authentication in etcd',
  ],
  [/before secure TLS connection was established|wrong version number/, noTls],
  [
    // As when one without TLS comes to where TLS is.
    /^Failed to connect/,
    onlyTls,
  ],
  [
    /^Protocol error/,
    'perhaps it is no etcd, or wants TLS there: look at the address',
  ],
  [/^Name resolution failed/, 'look at the address, and at DNS'],
  [
    /self-signed certificate|unable to (?:verify|get)/,
    'nobody that is known here has signed its certificate: look at the authorities (ca)',
  ],
  [
    // Which of them it is depends on how etcd was built.
    /alert (?:bad certificate|unknown ca|certificate required)/,
    'etcd asks for a certificate that it knows: look at ours, and its key (cert, key)',
  ],
];

/** What somebody can do about it, or ''. */
export function hintFor(details: string): string {
  const [, hint] = hints.find(([pattern]) => pattern.test(details)) ?? [];
  return hint === undefined ? '' : ` (${hint})`;
}

/** The same, for a connection that was not made. */
export function hintForConnecting(details: string, withTls: boolean): string {
  // Who expects the other kind hangs up. It is chance whether that looks like an
  // end or like a reset.
  if (!/\bECONNRESET\b/.test(details)) return hintFor(details);
  return ` (${withTls ? noTls : onlyTls})`;
}

/** The server no longer knows the token that a login gave: it expired, or roles changed. */
export function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof EtcdError &&
    /invalid auth token|revision of auth store is old/.test(error.message)
  );
}
