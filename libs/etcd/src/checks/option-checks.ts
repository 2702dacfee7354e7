// Options also come from where no type checks them: from JavaScript, and from
// environment variables by way of @nestjs/config.

/** @throws TypeError for a name that no option has */
export function checkNames(
  given: object,
  names: readonly string[],
  prefix = '',
): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `${prefix}${unknown}: there is no such option, expected one of ${names.join(', ')}`,
  );
}

/** @throws TypeError for what is no object */
export function checkObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new TypeError(`${name}: expected an object, got ${told(value)}`);
}

/** @throws TypeError for what is no name that keys can begin with */
export function checkNamespace(namespace: unknown): void {
  const isName =
    typeof namespace === 'string' && /^[^\s/][^\s]*(?<!\/)$/.test(namespace);
  if (isName) return;
  throw new TypeError(
    `namespace: expected a name without blanks that neither begins nor ends with '/', got ${told(namespace)}`,
  );
}

/** @throws TypeError for what is no whole number of what is expected, within its bounds */
export function checkWhole(
  name: string,
  value: unknown,
  bounds: {
    readonly expected: string;
    readonly least: number;
    readonly most: number;
  },
): void {
  const { expected, least, most } = bounds;
  const isInside =
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  if (isInside) return;
  throw new TypeError(`${name}: expected ${expected}, got ${told(value)}`);
}

/** @throws TypeError for what nobody can log in with; nothing of it is in its message */
export function checkAuth(auth: {
  readonly name: unknown;
  readonly password: unknown;
}): void {
  checkObject('auth', auth);
  checkNames(auth, ['name', 'password'], 'auth.');
  for (const part of ['name', 'password'] as const) {
    const value = auth[part];
    if (typeof value === 'string' && value !== '') continue;
    const got =
      typeof value === 'string' ? 'an empty one' : `a ${typeof value}`;
    throw new TypeError(`auth.${part}: expected a text, got ${got}`);
  }
}

/** A value as messages name it. */
function told(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
