import type { LoadRequest } from '../core/configuration/loading.js';
import type { ConfSource } from './conf-source.js';

/** How a source gives its configuration, and what else it does. */
export interface SourceRequest extends LoadRequest {
  readonly source: string;
}

/** A source as transitions see it. */
export function requestOf(source: ConfSource): SourceRequest {
  return {
    load: (signal, previous) => source.load(signal, previous),
    source: source.describe(),
    fallBack: source.fallBack?.bind(source),
    inForce: source.inForce?.bind(source),
  };
}
