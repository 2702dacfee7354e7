import { ConfMap, type ConfObject } from '@nestjs-transitions/conf';
import { filter, map, type Observable } from 'rxjs';
import type { ConfSource } from '../sources/conf-source.js';
import type { ConfigServiceLike, ConfigServiceUser } from './config-service.js';

/**
 * A configuration that lies under a key of @nestjs/config: as an object
 * (section -> option -> value or values), as .conf text, or as a ConfMap.
 * `configService.set(key, …)` reloads it.
 *
 * With no service given, the module finds the application's own.
 */
export function configServiceConfSource(
  key: string,
  configService?: ConfigServiceLike,
): ConfSource {
  return new ConfigServiceConfSource(key, configService);
}

class ConfigServiceConfSource implements ConfSource, ConfigServiceUser {
  constructor(
    private readonly key: string,
    private service: ConfigServiceLike | undefined,
  ) {}

  bindConfigService(service: ConfigServiceLike): void {
    this.service ??= service;
  }

  get changes$(): Observable<string> {
    return this.bound().changes$.pipe(
      filter(
        ({ path }) => path === this.key || path.startsWith(`${this.key}.`),
      ),
      map(() => `configuration key ${this.key} changed`),
    );
  }

  async load(): Promise<ConfMap> {
    const value: unknown = this.bound().get(this.key);
    if (value instanceof ConfMap) return value;
    if (typeof value === 'string') {
      return ConfMap.parse(value, { path: this.describe() });
    }
    if (typeof value === 'object' && value !== null) {
      return ConfMap.fromObject(value as ConfObject);
    }
    throw new Error(
      `${this.describe()} has no configuration; expected an object of sections, .conf text or a ConfMap`,
    );
  }

  describe(): string {
    return `configuration key ${this.key}`;
  }

  private bound(): ConfigServiceLike {
    if (this.service !== undefined) return this.service;
    throw new Error(
      `${this.describe()} needs ConfigModule.forRoot() of @nestjs/config in the application`,
    );
  }
}
