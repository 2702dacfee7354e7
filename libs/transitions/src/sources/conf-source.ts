import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';

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
  readonly changes$?: Observable<string>;
  /** What messages call it, such as `file /etc/service.conf`. */
  describe(): string;
}
