import type { VolumeDirectory } from '../storage/index.js';

/**
 * Permission for one request to use a volume that is served here. It is
 * disposed of when what the volume gave is out, its connection is gone, or the
 * request is refused; nothing is done in the volume after that.
 */
export interface VolumePass extends Disposable {
  /** Of this pass alone. Aborts when the volume will not wait for it any longer. */
  readonly signal: AbortSignal;
  /** Called before each change. @throws when the volume is not served here any more. */
  assertHeld(): void;
}

/** Where a volume is served, at the moment of asking. */
export type VolumeRoute =
  | {
      readonly kind: 'here';
      readonly directory: VolumeDirectory;
      /** The request is inside from now on: to be disposed of in every case. */
      readonly pass: VolumePass;
    }
  | {
      readonly kind: 'elsewhere';
      /** Name of the peer that serves it. */
      readonly peer: string;
      /** Where that peer answers, such as `http://10.0.0.2:8080/`. */
      readonly url: URL;
    }
  | {
      /** Between servers, draining, or not open yet. */
      readonly kind: 'unavailable';
      readonly retryAfterSeconds: number;
      /** For the client: a clause such as "it is moving to another server". */
      readonly reason: string;
    }
  | { readonly kind: 'unknown' };

/** Lets requests into the volumes that are here, and says of others where they are. */
export interface VolumeRouter {
  /**
   * Called once for every request, so it should answer from memory. A promise
   * where the request waits for a volume that is on its way here. What `gone` returns
   * aborts when the client has gone.
   */
  route(
    volumeName: string,
    gone: () => AbortSignal,
  ): VolumeRoute | Promise<VolumeRoute>;
}

/** Injects the `VolumeRouter`. */
export const VOLUME_ROUTER = Symbol('VOLUME_ROUTER');
