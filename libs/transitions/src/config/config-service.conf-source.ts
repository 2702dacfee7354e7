import { isDeepStrictEqual } from 'node:util';
import { ConfMap, type ConfObject } from '@nestjs-transitions/conf';
import { filter, map, type Observable } from 'rxjs';
import type { ConfSource } from '../sources/conf-source.js';
import type { ConfigServiceLike, ConfigServiceUser } from './config-service.js';

/**
 * A configuration that lies under a key of @nestjs/config: as an object
 * (section -> option -> value or values), as .conf text, or as a ConfMap.
 * `configService.set` reloads it when it sets the key or something below it, and
 * when it sets something above it by which the value of the key changes.
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
  /** What the key had when it was looked at last. */
  private seen: unknown;

  constructor(
    private readonly key: string,
    private service: ConfigServiceLike | undefined,
  ) {}

  bindConfigService(service: ConfigServiceLike): void {
    this.service ??= service;
  }

  get changes$(): Observable<string> {
    return this.bound().changes$.pipe(
      filter(({ path }) => this.concerns(path)),
      map(() => `configuration key ${this.key} changed`),
    );
  }

  async load(): Promise<ConfMap> {
    const value = this.look();
    if (isConfMap(value)) return value;
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

  private concerns(path: unknown): boolean {
    const before = this.seen;
    const isOther = !isSame(this.look(), before);
    // Below the key a value may have been changed in place.
    return isOther || isAtOrBelow(dotted(path), this.key);
  }

  private look(): unknown {
    return (this.seen = this.bound().get(this.key));
  }

  private bound(): ConfigServiceLike {
    if (this.service !== undefined) return this.service;
    throw new Error(
      `${this.describe()} needs ConfigModule.forRoot() of @nestjs/config in the application`,
    );
  }
}

/** One of another copy of the library is as good. */
function isConfMap(value: unknown): value is ConfMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    'withOverrides' in value &&
    typeof value.withOverrides === 'function'
  );
}

// Of a ConfMap isDeepStrictEqual sees nothing.
function isSame(one: unknown, other: unknown): boolean {
  if (isConfMap(one)) return one === other;
  return isDeepStrictEqual(one, other);
}

/** A path as `get` takes it with dots: `set` also takes `a[b]` and lists of keys. */
function dotted(path: unknown): string {
  const text = Array.isArray(path) ? path.map(String).join('.') : String(path);
  return text.replaceAll(/\[["']?([^\]"']*)["']?\]/g, '.$1');
}

function isAtOrBelow(path: string, key: string): boolean {
  return path === key || path.startsWith(`${key}.`);
}
