/** Who claims, and releases. */
export interface Claimant {
  readonly owner: string;
  /** The lease of etcd under which its session is. */
  readonly lease: bigint;
  /** Its name. */
  readonly session: string;
}
