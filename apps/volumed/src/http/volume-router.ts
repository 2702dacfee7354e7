import type { VolumeDirectory } from '../storage/index.js';

/**
 * Permission for one request to use a volume that is served here. It is
 * disposed when the response is finished or its connection is gone, and
 * nothing is done in the volume after that.
 */
export interface VolumePass extends Disposable {
  /** Aborts when the volume is taken away and will not wait any longer. */
  readonly signal: AbortSignal;
}

/** Where a volume is served, at the moment of asking. */
export type VolumeRoute =
  | {
      readonly kind: 'here';
      readonly directory: VolumeDirectory;
      /** Called at once and once. May throw when the volume has just begun to drain. */
      enter(): VolumePass;
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

/** Says for each request where its volume is. */
export interface VolumeRouter {
  /** Called for every request, so it should answer from memory. */
  route(volumeName: string): VolumeRoute;
}

/** Injects the `VolumeRouter`. */
export const VOLUME_ROUTER = Symbol('VOLUME_ROUTER');
