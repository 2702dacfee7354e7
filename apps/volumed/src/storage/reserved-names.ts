/** The directory at the root of every volume that holds unfinished uploads. */
export const STAGING_NAME = '.volumed-staging';

/** The directory at the root of a volume that tells with which token it was served last. */
export const FENCE_NAME = '.volumed-fence';

/** No file of a client has one of these names at the root of a volume. */
export const reservedNames: ReadonlySet<string> = new Set([
  STAGING_NAME,
  FENCE_NAME,
]);
