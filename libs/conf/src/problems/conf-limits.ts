/** Bounds on what one configuration may ask of this process. */
export interface ConfLimits {
  /**
   * Bytes of all files together; a file counts as often as it is included.
   * Checked before a file is read. Default 400 MiB: a configuration of a
   * million volumes has 240 MB, and no text can have more than 512 Mi
   * characters.
   */
  readonly bytes: number;
  /**
   * Characters in one line of a text, bytes in one line of a file. Default
   * 16 Mi, room for a list of a million names.
   */
  readonly lineLength: number;
  /** How deep `.include` may nest. Default 32. */
  readonly includeDepth: number;
  /** How many `.include` lines are followed in all. Default 1000. */
  readonly includes: number;
  /**
   * How many problems an error lists; of the others it says only how many there
   * are. Default 100.
   */
  readonly problems: number;
}

/** The limits where none are given. */
export const DEFAULT_LIMITS: ConfLimits = Object.freeze({
  bytes: 400 * 1024 * 1024,
  lineLength: 16 * 1024 * 1024,
  includeDepth: 32,
  includes: 1000,
  problems: 100,
});
