/**
 * Under this key `console.log` and `util.inspect` ask an object what to show of
 * it. Public classes have it to keep their private fields to themselves.
 */
export const inspectCustom: unique symbol = Symbol.for(
  'nodejs.util.inspect.custom',
);
