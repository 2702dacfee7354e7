import type { ConfMap } from '@nestjs-transitions/conf';

type Section = Readonly<Record<string, readonly string[]>>;

/**
 * A configuration as an object of sections, of options, of lists of values, for
 * paths such as `confMap.Cluster.WhoAmI`. A section is made when it is read:
 * nobody reads a hundred thousand of them by path.
 */
export function viewOf(confMap: ConfMap): Readonly<Record<string, Section>> {
  return new Proxy<Record<string, Section>>(Object.create(null) as never, {
    get: (_target, name) => {
      if (name === Symbol.toPrimitive) return () => '[object ConfMap]';
      return typeof name === 'string' ? sectionOf(confMap, name) : undefined;
    },
    has: (_target, name) => typeof name === 'string' && confMap.has(name),
    ownKeys: () => confMap.sections(),
    getOwnPropertyDescriptor: (_target, name) =>
      typeof name === 'string' && confMap.has(name)
        ? {
            configurable: true,
            enumerable: true,
            value: sectionOf(confMap, name),
          }
        : undefined,
    set: () => false,
    deleteProperty: () => false,
  });
}

function sectionOf(confMap: ConfMap, name: string): Section | undefined {
  const section = confMap.section(name);
  if (section === undefined) return undefined;
  const view = Object.create(null) as Record<string, readonly string[]>;
  for (const option of section.options()) view[option] = section.get(option)!;
  return Object.freeze(view);
}
