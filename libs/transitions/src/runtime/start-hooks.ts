import { Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

const hookNames = ['onModuleInit', 'onApplicationBootstrap'] as const;

/**
 * Knows which start hooks of the application are running, and hears when one of
 * them throws: Nest then calls no further hook, so that nothing else would tell.
 * To know it, each hook gets a function of ours in front of it, which steps aside
 * when it is called.
 */
export class StartHooks {
  /** Those that run, such as `Database.onModuleInit`. */
  private readonly inProgress = new Set<string>();
  private readonly stepAsides = new Set<() => void>();
  private readonly logger = new Logger('Transitions');
  private isWatching = false;
  private hasWarned = false;

  constructor(private readonly modules: ModulesContainer) {}

  /** Something was asked for before the boot, which will wait for it: a deadlock where a hook awaits it. */
  warnOfWaiting(what: string): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    const running = [...this.inProgress].join(', ');
    this.logger.warn(
      `${what} was called before the boot${running === '' ? '' : `, while ${running} runs`}. It waits for the boot, and the boot waits for every onModuleInit and onApplicationBootstrap: one that awaits it never ends.`,
    );
  }

  /**
   * Watches the hooks that are not called yet, of all instances. Of those that
   * throw the first one calls back, and rejects when that has settled.
   */
  watch(failed: () => Promise<void>): void {
    if (this.isWatching) return;
    this.isWatching = true;
    for (const instance of instancesIn(this.modules)) {
      for (const name of hookNames) this.standInFront(instance, name, failed);
    }
  }

  /** No hook is watched any more. */
  release(): void {
    for (const stepAside of this.stepAsides) stepAside();
    this.stepAsides.clear();
  }

  private standInFront(
    instance: object,
    name: (typeof hookNames)[number],
    failed: () => Promise<void>,
  ): void {
    const hook = hookOf(instance, name);
    if (hook === undefined) return;
    const before = Object.getOwnPropertyDescriptor(instance, name);
    const stepAside = (): void => {
      this.stepAsides.delete(stepAside);
      if (before === undefined) Reflect.deleteProperty(instance, name);
      else Object.defineProperty(instance, name, before);
    };
    const inFront = async (...args: unknown[]): Promise<void> => {
      stepAside();
      await this.follow(`${nameOf(instance)}.${name}`, failed, () =>
        hook.apply(instance, args),
      );
    };
    const isThere = Reflect.defineProperty(instance, name, {
      value: inFront,
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? false,
    });
    if (isThere) this.stepAsides.add(stepAside);
  }

  private async follow(
    name: string,
    failed: () => Promise<void>,
    hook: () => unknown,
  ): Promise<void> {
    this.inProgress.add(name);
    try {
      await hook();
    } catch (thrown) {
      this.release();
      await failed();
      throw thrown;
    } finally {
      this.inProgress.delete(name);
    }
  }
}

/** What Nest calls hooks of: see getInstancesGroupedByHierarchyLevel in its core. */
function instancesIn(modules: ModulesContainer): ReadonlySet<object> {
  const instances = [...modules.values()]
    .flatMap(({ providers, controllers, injectables, middlewares }) => [
      ...providers.values(),
      ...controllers.values(),
      ...injectables.values(),
      ...middlewares.values(),
    ])
    .flatMap((wrapper): unknown[] =>
      wrapper.isTransient
        ? wrapper.getStaticTransientInstances().map((host) => host?.instance)
        : [wrapper.instance],
    );
  return new Set(
    instances.filter(
      (instance): instance is object =>
        typeof instance === 'object' && instance !== null,
    ),
  );
}

// A provider may be a Proxy that throws whatever it is asked.
function hookOf(instance: object, name: string) {
  try {
    const hook: unknown = Reflect.get(instance, name);
    return typeof hook === 'function' && Object.isExtensible(instance)
      ? (hook as (...args: unknown[]) => unknown)
      : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(instance: object): string {
  const { constructor } = instance;
  return typeof constructor === 'function' ? constructor.name : 'a provider';
}
