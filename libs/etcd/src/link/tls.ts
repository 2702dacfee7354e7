import { createSecureContext } from 'node:tls';
import { checkNames, checkObject } from '../checks/option-checks.js';

/** How connections are encrypted, and who this peer is. PEM, the contents and not paths. */
export interface EtcdTls {
  /** Who signed the servers' certificates. Default: the authorities that Node knows. */
  readonly ca?: string | Uint8Array | undefined;
  /** The certificate of this peer, where etcd asks for one. Together with `key`. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** The name in the servers' certificates, if it is not the host of the endpoint. */
  readonly serverName?: string | undefined;
}

const patterns = {
  certificate: /-----BEGIN [\w ]*CERTIFICATE-----/,
  'private key': /-----BEGIN [\w ]*PRIVATE KEY-----/,
};

/** @throws TypeError for what no connection could be made with; nothing of a key is in its message */
export function checkTls(tls: EtcdTls): void {
  checkObject('tls', tls);
  checkNames(tls, ['ca', 'cert', 'key', 'serverName'], 'tls.');
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError('tls: cert and key go together, and one is missing');
  // Node takes what has no certificate for an authority that signed nothing.
  checkPem('ca', ca, 'certificate');
  checkPem('cert', cert, 'certificate');
  checkPem('key', key, 'private key');
  try {
    createSecureContext({ ca: pem(ca), cert: pem(cert), key: pem(key) });
  } catch (thrown) {
    const { message } = thrown as Error;
    throw new TypeError(`tls: ca, cert or key cannot be used: ${message}`, {
      cause: thrown,
    });
  }
}

function checkPem(
  name: string,
  content: string | Uint8Array | undefined,
  what: keyof typeof patterns,
): void {
  if (content === undefined || patterns[what].test(pem(content)!.toString()))
    return;
  // A key on one line is none, but is not to be told either.
  const isPath = typeof content === 'string' && /^\S*\/\S*$/.test(content);
  const hint = isPath ? '; expected what the file has in it, not its path' : '';
  throw new TypeError(`tls: ${name} has no ${what} in PEM${hint}`);
}

/** As Node takes it. */
export function pem(
  content: string | Uint8Array | undefined,
): Buffer | undefined {
  return content === undefined ? undefined : Buffer.from(content);
}
