/**
 * An error, or whatever else was thrown, as JSON.stringify should see it: name,
 * message, code, cause and the error's other fields. Never a stack. Participants
 * throw errors that hold anything: what JSON cannot express, or what leads back to
 * itself, is named instead. Never throws.
 */
export function errorAsJson(thrown: unknown): unknown {
  return asJson(thrown, []);
}

// An error, its report, the steps in it, their errors, and what these hold.
const deepest = 10;

/** `around` has the objects that the value lies in, from the outside. */
function asJson(value: unknown, around: readonly object[]): unknown {
  switch (typeof value) {
    case 'number':
      return numberAsJson(value);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return '[function]';
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (around.includes(value)) return '[circular]';
  if (around.length === deepest) return '[more]';
  try {
    return objectAsJson(value, [...around, value]);
  } catch {
    return unreadable;
  }
}

const unreadable = '[unreadable]';

function objectAsJson(value: object, around: readonly object[]): unknown {
  const inside = (field: unknown): unknown => asJson(field, around);
  if (Array.isArray(value)) return value.map(inside);
  if (value instanceof Error) return fieldsOf(value, inside);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return inside(value.toJSON());
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.fromEntries(
      Object.keys(value).map((name) => [name, inside(read(value, name))]),
    );
  }
  return `[${value.constructor.name}]`;
}

/** The fields of an error, those too that are not shown when it is printed. */
function fieldsOf(
  error: Error,
  inside: (field: unknown) => unknown,
): Record<string, unknown> {
  const own = Object.getOwnPropertyNames(error).filter(
    (name) => !['name', 'message', 'stack', 'cause'].includes(name),
  );
  const named = ['name', 'message', ...own];
  if (read(error, 'cause') !== undefined) named.push('cause');
  return Object.fromEntries(
    named.map((name) => [name, inside(read(error, name))]),
  );
}

function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch {
    return unreadable;
  }
}

/**
 * Gives plain data its own form as JSON, for values that JSON cannot express:
 * the given fields replace those of the same name. Nothing else sees them.
 */
export function withJson<T extends object>(
  data: T,
  fields: () => Partial<Record<keyof T, unknown>>,
): T {
  return Object.defineProperty(data, 'toJSON', {
    value: (): unknown => ({ ...data, ...fields() }),
    enumerable: false,
  });
}

/** JSON has no infinite numbers; they would become null. */
export function numberAsJson(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value)
    ? String(value)
    : value;
}
