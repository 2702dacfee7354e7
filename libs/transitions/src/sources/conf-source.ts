import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';

/** Where configurations come from. */
export interface ConfSource {
  /** The configuration as it is now. The signal aborts when nobody waits for it any more. */
  load(signal: AbortSignal): Promise<ConfMap>;
  /**
   * Emits why a reload is due, each time it is. A hint, never the content: many
   * may become one. Subscribed to while the application is up.
   */
  readonly changes$?: Observable<string>;
  /** What messages call it, such as `file /etc/service.conf`. */
  describe(): string;
}
