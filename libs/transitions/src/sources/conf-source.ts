import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';
import type { StandIn } from '../core/configuration/stale.js';

/** Where configurations come from. */
export interface ConfSource {
  /**
   * The configuration as it is now. The signal aborts when nobody waits for it
   * any more. `previous` is the configuration in force, undefined before the
   * boot. A source that parses a text gives it to `ConfMap.parseInSlices`, as
   * `previous`, so that only what changed is parsed. Without it a reload does
   * the same and is slower. A reload that is to supersede loads while another one
   * may still load as well.
   */
  load(signal: AbortSignal, previous?: ConfMap): Promise<ConfMap>;
  /**
   * Emits a reason each time a reload is due. It is a hint, never the content,
   * and many hints may become one reload. Subscribed to while the application is
   * up. An error ends it for good (the log says so), so do not error while the
   * trouble may pass.
   */
  readonly changes$?: Observable<string> | undefined;
  /** What messages call it, such as `file /etc/service.conf`. */
  describe(): string;
  /**
   * This peer, where that is known before anything is loaded, as by an override of
   * `Cluster.WhoAmI`.
   */
  readonly whoAmI?: string | undefined;
  /**
   * Told of each configuration that has come into force, whoever gave it. Its
   * transition waits for the promise, at most `callbackTimeout`; the signal aborts
   * when it does so no longer. A rejection changes nothing, and is a warning of
   * the report.
   */
  inForce?(confMap: ConfMap, signal: AbortSignal): Promise<void>;
  /**
   * What a boot goes on with where `load` rejects, or what it gave is refused
   * before anything was done. Snapshot, reports and log say so until a reload
   * brings the source's own configuration into force. Rejects with the reason
   * where there is nothing to go on with.
   */
  fallBack?(signal: AbortSignal): Promise<StandIn>;
  /**
   * The source that this one adds something to. It gets the application's
   * ConfigService, if it wants it.
   */
  readonly inner?: ConfSource;
}
