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
