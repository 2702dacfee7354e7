/** The names of the methods that an object has, its own and those of its classes. */
export function methodNamesOf(object: object): string[] {
  const names = new Set<string>();
  for (
    let one: unknown = object;
    typeof one === 'object' && one !== null && one !== Object.prototype;
    one = Object.getPrototypeOf(one)
  ) {
    const properties = Object.getOwnPropertyDescriptors(one);
    for (const [name, { value }] of Object.entries(properties)) {
      if (typeof value === 'function') names.add(name);
    }
  }
  names.delete('constructor');
  return [...names];
}
