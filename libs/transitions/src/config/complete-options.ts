import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { withoutUndefined } from '../options/normalize-options.js';
import { optionsFromEnvironment } from '../options/options-from-environment.js';
import type { ConfigServiceLike } from './config-service.js';

/**
 * The options as given; where they lack a source, on top of what @nestjs/config
 * has under `transitions`, or else of what the environment says.
 */
export function completeOptions(
  given: TransitionsModuleOptions,
  config: ConfigServiceLike | undefined,
): TransitionsModuleOptions {
  if (given.source !== undefined) return given;
  const registered = config?.get('transitions') as
    TransitionsModuleOptions | undefined;
  const found =
    registered ??
    optionsFromEnvironment((name) =>
      config === undefined
        ? process.env[name]
        : (config.get(name) as string | undefined),
    );
  return { ...found, ...withoutUndefined(given) };
}
