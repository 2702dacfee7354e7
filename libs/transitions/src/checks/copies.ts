const key = Symbol.for('nestjs-transitions:copies');

/** Where the copies of the library that this process has loaded are, each once. */
const copies = ((globalThis as { [key]?: Set<string> })[key] ??= new Set());
copies.add(import.meta.url);

let hasWarned = false;

/**
 * Warns, once, when several copies of the library are loaded: classes of one are
 * unknown to the other, so that Nest cannot find the services that are injected.
 */
export function warnOfCopies(warn: (message: string) => void): void {
  if (copies.size < 2 || hasWarned) return;
  hasWarned = true;
  warn(
    `${copies.size} copies of nestjs-transitions are loaded: ${[...copies].join(', ')}. What is injected from one is unknown to the other; let all packages share one version (npm ls nestjs-transitions).`,
  );
}
