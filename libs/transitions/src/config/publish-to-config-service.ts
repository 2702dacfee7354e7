import type { Configuration } from '../core/configuration/configuration.js';
import type { EventStream } from '../ports/event-stream.js';
import type { ConfigServiceLike } from './config-service.js';
import { viewOf } from './conf-map-view.js';

const key = 'confMap';

/**
 * Keeps the configuration in force readable through the application's
 * ConfigService, under `confMap`: `get('confMap.Cluster.WhoAmI')` is the list
 * of values. Its `changes$` fires after each transition that brought another
 * configuration into force.
 */
export function publishToConfigService(
  service: ConfigServiceLike,
  events: EventStream,
  inForce: () => Configuration | undefined,
): void {
  let published: Configuration | undefined;
  events.listen(({ type }) => {
    const configuration = inForce();
    if (type !== 'transitionEnded' || configuration === published) return;
    published = configuration;
    if (configuration !== undefined) publish(service, configuration);
  });
}

function publish(service: ConfigServiceLike, { confMap }: Configuration): void {
  const before = process.env[key];
  service.set(key, viewOf(confMap));
  // ConfigService.set also writes the value, as text, to the environment, where
  // child processes would find '[object ConfMap]'.
  if (before === undefined) delete process.env[key];
  else process.env[key] = before;
}
