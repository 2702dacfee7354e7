/**
 * Gives an object properties that are worked out when they are first read, and
 * are like any other to whoever reads, spreads or compares it.
 */
export function withLazy<T extends object, L extends object>(
  data: T,
  lazy: { readonly [Name in keyof L]: () => L[Name] },
): T & L {
  for (const name of Object.keys(lazy) as (keyof L)[]) {
    Object.defineProperty(data, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = lazy[name]();
        Object.defineProperty(data, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return data as T & L;
}

/** Works something out once, when it is first asked for. */
export function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}
