import { TransitionsOptionsError } from '../errors.js';
import { fileConfSource } from '../sources/file.conf-source.js';
import type { TransitionsModuleOptions } from './transitions.options.js';

/**
 * The options that environment variables give: `TRANSITIONS_CONF_FILE`,
 * `TRANSITIONS_CONF_OVERRIDES` (`Section.Option=values`, several separated by
 * `;`), `TRANSITIONS_CONF_WATCH` (`true` or `false`),
 * `TRANSITIONS_CALLBACK_TIMEOUT`, `TRANSITIONS_ROLLBACK_TIMEOUT`,
 * `TRANSITIONS_SHUTDOWN_TIMEOUT`, `TRANSITIONS_SLOW_CALLBACK_WARNING`,
 * `TRANSITIONS_DRAIN_TIMEOUT`, `TRANSITIONS_LAMEDUCK` (milliseconds),
 * `TRANSITIONS_ON_FAILURE`, `TRANSITIONS_MAX_UNSERVE` and
 * `TRANSITIONS_RELOAD_ON_SIGHUP` (`true` or `false`). One that is empty counts
 * as not set.
 *
 * @throws TransitionsOptionsError with every value that makes no sense.
 */
export function optionsFromEnvironment(
  read: (name: string) => string | undefined,
): TransitionsModuleOptions {
  const environment = new Environment(read);
  const file = environment.text('TRANSITIONS_CONF_FILE');
  const overrides = splitOverrides(
    environment.text('TRANSITIONS_CONF_OVERRIDES'),
  );
  const watch = environment.flag('TRANSITIONS_CONF_WATCH') ?? false;
  const options = {
    source:
      file === undefined
        ? undefined
        : fileConfSource(file, { overrides, watch }),
    callbackTimeout: environment.number('TRANSITIONS_CALLBACK_TIMEOUT'),
    rollbackTimeout: environment.number('TRANSITIONS_ROLLBACK_TIMEOUT'),
    shutdownTimeout: environment.number('TRANSITIONS_SHUTDOWN_TIMEOUT'),
    slowCallbackWarning: environment.number(
      'TRANSITIONS_SLOW_CALLBACK_WARNING',
    ),
    onFailure: environment.text('TRANSITIONS_ON_FAILURE'),
    maxUnserve: environment.number('TRANSITIONS_MAX_UNSERVE'),
    drainTimeout: environment.number('TRANSITIONS_DRAIN_TIMEOUT'),
    lameduck: environment.number('TRANSITIONS_LAMEDUCK'),
    reloadOnSighup: environment.flag('TRANSITIONS_RELOAD_ON_SIGHUP'),
  };
  environment.throwProblems();
  const set = Object.entries(options).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(set);
}

/**
 * The overrides that `TRANSITIONS_CONF_OVERRIDES` has, which are separated by
 * `;`; none where it is not set.
 */
export function splitOverrides(variable = ''): string[] {
  return variable
    .split(';')
    .map((override) => override.trim())
    .filter((override) => override !== '');
}

class Environment {
  private readonly problems: string[] = [];

  constructor(private readonly read: (name: string) => string | undefined) {}

  text(name: string): string | undefined {
    const value: unknown = this.read(name);
    if (value === undefined || value === '') return undefined;
    // A validation schema of @nestjs/config may have made a number or a boolean of it.
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (!(number >= 0)) this.refuse(name, text, 'a number');
    return number;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') {
      this.refuse(name, text, 'true or false');
    }
    return text === 'true';
  }

  throwProblems(): void {
    if (this.problems.length > 0) {
      throw new TransitionsOptionsError(this.problems);
    }
  }

  private refuse(name: string, got: string, expected: string): void {
    this.problems.push(`${name} is ${got}; expected ${expected}`);
  }
}
