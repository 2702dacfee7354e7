import type {
  RetrySettings,
  TransitionSettings,
} from '../core/transition/settings.js';
import type { SchemasBySection } from '../core/configuration/schema-table.js';
import type { SectionSchemas } from '../core/configuration/section-schemas.js';
import type { ServingLeases } from '../core/leases/serving-leases.js';
import type { ConfSource } from '../sources/conf-source.js';

/**
 * What `TransitionsModule.forRoot` takes. Times are in milliseconds. A new
 * option is a property here, a row of `option-table.ts` and a row of the README.
 */
export interface TransitionsModuleOptions extends Partial<
  Omit<TransitionSettings, 'retry'>
> {
  /**
   * Where configurations come from. Default: the file that
   * `TRANSITIONS_CONF_FILE` names, with `TRANSITIONS_CONF_OVERRIDES`.
   */
  readonly source?: ConfSource;
  /**
   * When what failed is tried again: volumes and groups that are set aside, and
   * reloads that were rolled back because a callback failed, where nobody waits for
   * their report (SIGHUP, a source that is watched), or all with `reloads: true`.
   * Default `{ initial: 1_000, max: 60_000 }`: after a second, then twice as late
   * each time, up to a minute, with jitter. False: never.
   */
  readonly retry?: Partial<RetrySettings> | false;
  /**
   * What sections of the application's own may have: any Standard Schema by the
   * name of a section, or by `Volume:*` for all that begin so. Checked before
   * anything changes. A schema gets a plain record: an option with one value is a
   * string, one with several, or with none, a list. What it makes of that is read
   * by `TransitionsService.options`. Default: none.
   */
  readonly schemas?: SchemasBySection;
  /**
   * Where serving leases are kept, so that no two peers serve one volume, whatever
   * stops, pauses or is cut off: `etcdServingLeases(…)`. Default: none. Then the
   * configurations alone say who serves a volume, and two of them may differ.
   */
  readonly leases?: ServingLeases | undefined;
  /**
   * A file of this peer's own, in which it keeps which lease store the tokens in use
   * are of. So a process that starts again knows a store that has lost its data,
   * and serves nothing until somebody calls `confirmLeaseStore`, or removes the
   * file while the peer is stopped. It is made where there is none. Without it,
   * each process takes the first store that answers for the right one.
   */
  readonly leaseStoreFile?: string | undefined;
  /** Reload on SIGHUP. Default true. */
  readonly reloadOnSighup?: boolean;
  /**
   * Whether a change of a watched source takes over from the reload that runs, as
   * `reload(reason, { supersede: true })` does. Default false: it waits.
   */
  readonly supersede?: boolean;
  /**
   * How long the VolumeGate lets requests finish before it aborts them. Below
   * `callbackTimeout`. Default 10,000, or half of a shorter `callbackTimeout`.
   */
  readonly drainTimeout?: number;
  /**
   * How many requests wait, at most, for volumes that are on their way here, all
   * volumes together. Default 1,000; 0: nobody waits.
   */
  readonly maxWaiting?: number;
  /**
   * How long readiness is false before Down begins, so that load balancers
   * stop sending requests. Default 0.
   */
  readonly lameduck?: number;
  /**
   * Whether section `Logging` of the configuration is applied to Nest's logger.
   * Default true.
   */
  readonly logging?: boolean;
}

/** The options with every default filled in. */
export interface NormalizedOptions {
  readonly source: ConfSource;
  readonly schemas: SectionSchemas;
  readonly leases: ServingLeases | undefined;
  readonly leaseStoreFile: string | undefined;
  readonly settings: TransitionSettings;
  readonly reloadOnSighup: boolean;
  readonly supersede: boolean;
  readonly drainTimeout: number;
  readonly maxWaiting: number;
  readonly lameduck: number;
  readonly logging: boolean;
}
