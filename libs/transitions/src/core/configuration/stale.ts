import type { ConfMap } from '@nestjs-transitions/conf';
import { errorAsJson, withJson } from '../model/json.js';

/** A configuration that a boot goes on with where that of its source is no good. */
export interface StandIn {
  readonly confMap: ConfMap;
  /** Where it is from, in words, such as `the last good one, in /var/lib/x`. */
  readonly origin: string;
}

/** Why the configuration in force is not that of its source. */
export interface StaleConfiguration {
  /** Where the one in force is from, in words. */
  readonly origin: string;
  /** What messages call the source, if that is known. */
  readonly source: string | undefined;
  /** What was wrong with the source at the boot. The first is the cause. */
  readonly errors: readonly Error[];
}

/** {@link StaleConfiguration} as plain data, as JSON too. */
export function staleBecause(
  errors: readonly Error[],
  origin: string,
  source: string | undefined,
): StaleConfiguration {
  return withJson({ origin, source, errors }, () => ({
    errors: errors.map(errorAsJson),
  }));
}
