import * as v from 'valibot';

/**
 * An option with exactly one value, of which `read` makes something; undefined
 * where it is not what is expected.
 */
export function option<T>(
  expected: string,
  read: (text: string) => T | undefined,
) {
  return v.pipe(
    v.custom<string>(
      (value) => typeof value === 'string',
      ({ input }) => `expected ${expected}, got ${textOf(input)}`,
    ),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const made = read(dataset.value);
      if (made !== undefined) return made;
      const got = textOf(dataset.value);
      addIssue({ message: `expected ${expected}, got ${got}` });
      return NEVER;
    }),
  );
}

function textOf(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? 'no value' : `${value.length} values`;
}
