import type { ServingLeases } from 'nestjs-transitions';
import { UsageError, type Arguments } from './arguments.js';

/**
 * The leases that the command line asks for; undefined without `--etcd`, and then
 * nothing of etcd is loaded. Connects to nothing.
 *
 * @throws UsageError for what makes no sense
 */
export async function leasesOf({
  etcd,
}: Pick<Arguments, 'etcd'>): Promise<ServingLeases | undefined> {
  if (etcd === undefined) return undefined;
  const { etcdServingLeases } = await import('@nestjs-transitions/etcd');
  try {
    return etcdServingLeases(etcd);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new UsageError(`--etcd: ${thrown.message}`);
  }
}
