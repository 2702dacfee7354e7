import { flag, type ValueKind } from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import { fileConfSource } from '../sources/file.conf-source.js';
import type { TransitionsModuleOptions } from './transitions.options.js';
import { optionRows, variableOf } from './option-table.js';

/**
 * The options that environment variables give: `TRANSITIONS_CONF_FILE`,
 * `TRANSITIONS_CONF_OVERRIDES` (`Section.Option=values`, several separated by
 * `;`), `TRANSITIONS_CONF_WATCH` (`true` or `false`),
 * `TRANSITIONS_LEASE_STORE_FILE`, and one for each option that is a number, a word or a flag: `TRANSITIONS_CALLBACK_TIMEOUT` for
 * `callbackTimeout`, and so on. One that is empty counts as not set.
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
  const watch = environment.value('TRANSITIONS_CONF_WATCH', flag) === true;
  const options: Record<string, unknown> = {};
  if (file !== undefined) {
    options['source'] = fileConfSource(file, { overrides, watch });
  }
  const leaseStoreFile = environment.text('TRANSITIONS_LEASE_STORE_FILE');
  if (leaseStoreFile !== undefined) options['leaseStoreFile'] = leaseStoreFile;
  for (const [name, { kind }] of optionRows) {
    const value = environment.value(variableOf(name), kind);
    if (value !== undefined) options[name] = value;
  }
  environment.throwProblems();
  return options;
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

  value(name: string, { parse, accepts, expected }: ValueKind): unknown {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (!accepts(value)) {
      this.problems.push(`${name} is ${text}; expected ${expected}`);
    }
    return value;
  }

  throwProblems(): void {
    if (this.problems.length > 0) {
      throw new TransitionsOptionsError(this.problems);
    }
  }
}
