import { reservedNames } from './reserved-names.js';
import { InvalidPathError } from './storage.errors.js';

/**
 * A place inside a volume. One that exists is safe to join to a directory: no
 * empty segment, no `.` or `..`, no slash, backslash or NUL inside a segment,
 * and not in a directory of volumed's own. What links may do to it is the
 * business of `VolumeDirectory`.
 */
export class VolumePath {
  /** The root of the volume. */
  static readonly root = new VolumePath([], true);

  private constructor(
    /** Names from the root down; none for the root itself. */
    readonly segments: readonly string[],
    /** True when it was written with a trailing slash: only a directory will do. */
    readonly directory: boolean,
  ) {}

  /**
   * Reads the percent-encoded path of a URL, without a leading slash. Each
   * segment is decoded exactly once, after the split, so `%2f` never separates
   * and `%252e` stays the literal `%2e`.
   * @throws InvalidPathError
   */
  static parse(encoded: string): VolumePath {
    if (encoded === '') return VolumePath.root;
    const directory = encoded.endsWith('/');
    const written = directory ? encoded.slice(0, -1) : encoded;
    const segments = written.split('/').map(decodeSegment);
    const [first = ''] = segments;
    if (reservedNames.has(first)) {
      throw new InvalidPathError(`${first} is reserved`);
    }
    return new VolumePath(segments, directory);
  }

  /** True for the volume's own directory. */
  get isRoot(): boolean {
    return this.segments.length === 0;
  }

  /** The last name; '.' for the root. */
  get name(): string {
    return this.segments.at(-1) ?? '.';
  }

  /** The names above the last one. */
  get parentSegments(): readonly string[] {
    return this.segments.slice(0, -1);
  }

  /** Decoded, relative to the root, without a trailing slash; '.' for the root. */
  toString(): string {
    return this.isRoot ? '.' : this.segments.join('/');
  }
}

function decodeSegment(encoded: string): string {
  const segment = percentDecode(encoded);
  if (segment === '') throw new InvalidPathError('the path has an empty name');
  if (segment === '.' || segment === '..') {
    throw new InvalidPathError('the path has a "." or ".." in it');
  }
  if (/[/\\\0]/.test(segment)) {
    throw new InvalidPathError(
      'a name in the path has a slash, a backslash or a NUL in it',
    );
  }
  return segment;
}

function percentDecode(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new InvalidPathError(
      'the path is not percent-encoded UTF-8: expected two hexadecimal digits after every %',
      { cause },
    );
  }
}
