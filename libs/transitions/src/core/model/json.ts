/**
 * An error, or whatever else was thrown, as JSON.stringify should see it: name,
 * message, code, cause and the error's other fields. Never a stack.
 */
export function errorAsJson(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { name, message, cause } = thrown;
  return {
    name,
    message,
    ...dataOf(thrown),
    ...(cause === undefined ? {} : { cause: errorAsJson(cause) }),
  };
}

/** Its own fields, those too that are not shown when it is printed. */
function dataOf(error: Error): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(error)) {
    if (['name', 'message', 'stack', 'cause'].includes(name)) continue;
    const value = (error as unknown as Record<string, unknown>)[name];
    data[name] = Array.isArray(value)
      ? value.map(errorAsJson)
      : numberAsJson(value);
  }
  return data;
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
