import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';

/** Where configurations come from. */
export interface ConfSource {
  /** The configuration as it is now. The signal aborts when nobody waits for it any more. */
  load(signal: AbortSignal): Promise<ConfMap>;
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
