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
    ...Object.fromEntries(
      Object.entries(thrown).map(([key, value]) => [key, numberAsJson(value)]),
    ),
    ...(cause === undefined ? {} : { cause: errorAsJson(cause) }),
  };
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
