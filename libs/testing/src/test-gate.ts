import type {
  TransitionCallbacks,
  TransitionContext,
} from 'nestjs-transitions/core';

/** What a gate waits for before a volume leaves. */
export type Drain = (
  volumeName: string,
  context: TransitionContext,
) => ReturnType<NonNullable<TransitionCallbacks['unserveVolume']>>;

/**
 * Stands where VolumeGate stands in an application: behind all participants. It
 * is open for a volume once all of them serve it, and closed before any of them
 * hears that it leaves.
 */
export class TestGate {
  private readonly open = new Set<string>();
  /** Whether a volume has failed, and is to stay shut. Set by the harness. @internal */
  isFailing: (volumeName: string) => boolean = () => false;

  /** `drain`: what its unserveVolume waits for; default nothing, as nobody is inside. */
  constructor(private readonly drain: Drain = () => undefined) {}

  /** Whether requests for a volume get in. */
  isOpen(volumeName: string): boolean {
    return this.open.has(volumeName);
  }

  /** A volume has failed: nobody gets in any more. @internal */
  shut(volumeName: string): void {
    this.open.delete(volumeName);
  }

  /** It has not left: requests get in again. @internal */
  reopen(volumeName: string): void {
    this.open.add(volumeName);
  }

  /** As a participant. @internal */
  get callbacks(): TransitionCallbacks {
    const open = (_confMap: unknown, name: string): void => {
      if (!this.isFailing(name)) this.open.add(name);
    };
    const close = (_confMap: unknown, name: string): void => {
      this.open.delete(name);
    };
    return {
      serveVolume: open,
      volumeUnserveCancelled: open,
      volumeToBeUnserved: close,
      volumeLost: close,
      unserveVolume: (confMap, name, context) => {
        close(confMap, name);
        return this.drain(name, context);
      },
    };
  }
}
