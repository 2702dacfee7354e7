export { etcdServingLeases } from './etcd-serving-leases.js';
export type { EtcdServingLeasesOptions } from './etcd-serving-leases.js';
export type { EtcdAuth } from './link/etcd-link.js';
export type { EtcdTls } from './link/tls.js';
