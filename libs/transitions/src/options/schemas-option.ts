import { textOf } from '../checks/value-kinds.js';

/** What is wrong with the option `schemas`, which nothing but a type has checked. */
export function problemsOfSchemas(schemas: unknown): string[] {
  if (typeof schemas !== 'object' || schemas === null) {
    return [`schemas is ${textOf(schemas)}; expected an object`];
  }
  return Object.entries(schemas).flatMap(([name, schema]) => [
    ...(/^[^*]+\*?$|^\*$/.test(name)
      ? []
      : [
          `schemas has a schema for '${name}'; expected the name of a section, or its beginning and *`,
        ]),
    ...(isStandardSchema(schema)
      ? []
      : [
          `schemas has ${textOf(schema)} for ${name}; expected a Standard Schema, as zod, valibot and arktype make them`,
        ]),
  ]);
}

/** arktype's are functions. */
function isStandardSchema(value: unknown): boolean {
  if (typeof value !== 'object' && typeof value !== 'function') return false;
  if (value === null || !('~standard' in value)) return false;
  const standard = value['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'version' in standard &&
    standard.version === 1 &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}
