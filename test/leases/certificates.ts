import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether certificates can be made. Says so loudly if not. */
export const hasOpenssl = findOpenssl();

/** An authority of this name: `<name>.crt` and `<name>.key` in the folder. */
export function makeAuthority(folder: string, name: string): void {
  openssl(folder, [
    ...newKey(name),
    '-x509',
    '-days',
    '365',
    '-out',
    `${name}.crt`,
  ]);
}

/** A certificate that an authority has signed, for servers at `etcd.test` and 127.0.0.1 and for their clients. */
export function makeCertificate(
  folder: string,
  name: string,
  authority: string,
): void {
  writeFileSync(
    join(folder, 'extensions'),
    'subjectAltName = DNS:etcd.test, IP:127.0.0.1\nextendedKeyUsage = serverAuth, clientAuth\n',
  );
  openssl(folder, [...newKey(name), '-out', `${name}.csr`]);
  openssl(folder, [
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${authority}.crt`,
    '-CAkey',
    `${authority}.key`,
    '-CAcreateserial',
    '-days',
    '365',
    '-extfile',
    'extensions',
    '-out',
    `${name}.crt`,
  ]);
}

function newKey(name: string): string[] {
  return [
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-subj',
    `/CN=${name}`,
  ];
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function findOpenssl(): boolean {
  if (spawnSync('openssl', ['version']).status === 0) return true;
  console.warn('No openssl is installed. The tests of TLS are SKIPPED.');
  return false;
}
