import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** The providers that a provider injects, directly or through others. */
export function injectedBy(
  wrapper: InstanceWrapper,
  seen = new Set<InstanceWrapper>(),
): ReadonlySet<InstanceWrapper> {
  const dependencies = [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((entry) => entry.wrapper),
  ];
  for (const dependency of dependencies) {
    if (dependency === undefined || seen.has(dependency)) continue;
    seen.add(dependency);
    injectedBy(dependency, seen);
  }
  return seen;
}

/**
 * What Nest destroys before Down although a provider depends on it, by name: what
 * it injects and has an onModuleDestroy, and the classes of the modules that any
 * of it is in, which may close it there.
 */
export function destroyedBefore(
  wrapper: InstanceWrapper,
  injected: ReadonlySet<InstanceWrapper>,
  except: ReadonlySet<unknown>,
): string[] {
  const modules = [wrapper, ...injected].map(({ host }) => host?.instance);
  const instances = [...injected].map(({ instance }): unknown => instance);
  const destroyed = [...instances, ...modules].filter(
    (instance) => !except.has(instance) && hasDestroyHook(instance),
  ) as object[];
  return [...new Set(destroyed)].map((instance) => instance.constructor.name);
}

function hasDestroyHook(instance: unknown): boolean {
  try {
    return (
      typeof instance === 'object' &&
      instance !== null &&
      'onModuleDestroy' in instance &&
      typeof instance.onModuleDestroy === 'function'
    );
  } catch {
    // A provider may be a Proxy that throws whatever it is asked.
    return false;
  }
}
