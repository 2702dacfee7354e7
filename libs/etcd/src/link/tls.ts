import { createSecureContext } from 'node:tls';

/** How connections are encrypted, and who this peer is. PEM, the contents and not paths. */
export interface EtcdTls {
  /** Who signed the servers' certificates. Default: the authorities that Node knows. */
  readonly ca?: string | Uint8Array;
  /** The certificate of this peer, where etcd asks for one. Together with `key`. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name in the servers' certificates, if it is not the host of the endpoint. */
  readonly serverName?: string;
}

const certificate = /-----BEGIN [\w ]*CERTIFICATE-----/;
const privateKey = /-----BEGIN [\w ]*PRIVATE KEY-----/;

/** @throws TypeError for what no connection could be made with; nothing of a key is in its message */
export function checkTls({ ca, cert, key }: EtcdTls): void {
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError('tls: cert and key go together, and one is missing');
  // Node takes what has no certificate for an authority that signed nothing.
  if (!has(certificate, ca))
    throw new TypeError('tls: ca has no certificate in PEM');
  if (!has(certificate, cert))
    throw new TypeError('tls: cert has no certificate in PEM');
  if (!has(privateKey, key))
    throw new TypeError('tls: key has no private key in PEM');
  try {
    createSecureContext({ ca: pem(ca), cert: pem(cert), key: pem(key) });
  } catch (thrown) {
    const { message } = thrown as Error;
    throw new TypeError(`tls: ca, cert or key cannot be used: ${message}`, {
      cause: thrown,
    });
  }
}

function has(
  pattern: RegExp,
  content: string | Uint8Array | undefined,
): boolean {
  return content === undefined || pattern.test(pem(content)!.toString());
}

/** As Node takes it. */
export function pem(
  content: string | Uint8Array | undefined,
): Buffer | undefined {
  return content === undefined ? undefined : Buffer.from(content);
}
