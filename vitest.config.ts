import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

interface Manifest {
  readonly name: string;
  readonly exports: Record<string, string | { readonly default: string }>;
}

interface Alias {
  readonly find: RegExp;
  readonly replacement: string;
}

const libraries = new URL('./libs/', import.meta.url);

/** Every entry of a library, by its name, as the source it is built from. */
function sourceAliases(library: string): Alias[] {
  const folder = new URL(`${library}/`, libraries);
  const manifest = JSON.parse(
    readFileSync(new URL('package.json', folder), 'utf8'),
  ) as Manifest;
  return Object.entries(manifest.exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return [];
    const source = target.default
      .replace('./bundle/', './src/')
      .replace(/\.js$/, '.ts');
    return {
      find: new RegExp(`^${manifest.name}${entry.slice(1)}$`),
      replacement: fileURLToPath(new URL(source, folder)),
    };
  });
}

/**
 * They change what others would see (the modules themselves, hooks of the
 * process, how the engine compiles), or count all that the process has open.
 * Each has a process of its own.
 */
const apart = [
  'apps/volumed/src/leases.spec.ts',
  'apps/volumed/src/storage/{listing,staging,volume-directory}.spec.ts',
  'libs/conf/src/files/file-snapshot.second-read.spec.ts',
  'libs/transitions/src/ports/async-id-scope.spec.ts',
  'test/scaling/*.spec.ts',
];

/**
 * They start programs, or locks, again and again: the smaller the process that
 * does, the sooner each has started.
 */
const starting = [
  'apps/*/src/**/*.spec.ts',
  'test/{chaos,leases,processes,volumed}/**/*.spec.ts',
];

/** Long runs (`npm run test:long`) multiply what a test tries, and run `*.long.spec.ts`. */
const long = process.env['TRANSITIONS_TEST_LONG'] === '1';

/** They run one after the other in a process, which reads the modules once. */
function shared(name: string, include: string[], but: string[]) {
  const exclude = [...but, ...(long ? [] : ['**/*.long.spec.ts'])];
  const test = { name, isolate: false, include, exclude };
  return { extends: true as const, test };
}

export default defineConfig({
  // The decorators of Nest, for every file, whichever tsconfig.json covers it.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  // Tests run the sources, so that a watching vitest needs no build.
  resolve: { alias: readdirSync(libraries).flatMap(sourceAliases) },
  test: {
    projects: [
      shared('starting', starting, apart),
      shared(
        'together',
        ['libs/*/src/**/*.spec.ts', 'test/**/*.spec.ts'],
        [...apart, ...starting],
      ),
      { extends: true, test: { name: 'apart', include: apart } },
    ],
    // Processes, as tests send signals and set exit codes. On two cores two of
    // them: the tests that start servers mostly wait.
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // On a busy machine, too: what hangs is found a little later.
    testTimeout: long ? 600_000 : 300_000,
    hookTimeout: 120_000,
    // As long as a test waits for what must come; its default of one second is
    // short for a machine that is busy.
    expect: { poll: { timeout: 60_000 } },
  },
});
