// The last step of `npm run build`: bundles what tsc emitted. A library of
// ninety modules costs whoever imports it ninety files to find, read and link;
// this makes a few of them, for each library that exports ./bundle/.
//
// It takes tsc's output and not the sources: decorators and the metadata that
// Nest injects by are in it. Its source maps are chained, so that a stack trace
// with --enable-source-maps still names the line in src.
//
// `--watch` (npm run build:watch) keeps tsc running and bundles what it emits.
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';
import { packages, tsc, workspace } from './prepare-workspace.mjs';

const libraries = packages()
  .map(({ folder, manifest }) => ({ folder, input: bundledEntries(manifest) }))
  .filter(({ input }) => Object.keys(input).length > 0);

/**
 * What several entries of a library share. The entries themselves only name
 * what they export; the core loads without Nest and RxJS.
 *
 * @type {import('rolldown').CodeSplittingGroup[]}
 */
const sharedChunks = [
  { name: 'core', test: /[\\/]dist[\\/]core[\\/]/, priority: 1 },
  // early-sighup shares nothing: it must be there before the rest is loaded.
  { name: 'module', test: (id) => !/[\\/](index|early-sighup)\.js$/.test(id) },
];

/** @typedef {{ folder: string, input: Record<string, string> }} Library */

if (process.argv.includes('--watch')) keepBundling();
else await bundleAll();

async function bundleAll() {
  for (const library of libraries) await bundle(library);
}

/** From the name of each bundled entry to the module that it is made of. */
function bundledEntries(manifest) {
  const targets = Object.values(manifest.exports ?? {})
    .map((target) => target.default ?? target)
    .filter((target) => target.startsWith('./bundle/'));
  return Object.fromEntries(
    targets.map((target) => [
      target.slice('./bundle/'.length, -'.js'.length),
      target.replace('./bundle/', './dist/'),
    ]),
  );
}

/** @param {Library} library */
async function bundle({ folder, input }) {
  const build = await rolldown(inputOptions(folder, input));
  const { output } = await build.generate(outputOptions(folder, input));
  await build.close();
  const files = new Map();
  for (const file of output) {
    files.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
  }
  write(join(folder, 'bundle'), files);
}

/**
 * @returns {import('rolldown').InputOptions}
 */
function inputOptions(folder, input) {
  return {
    cwd: folder,
    input,
    platform: 'node',
    tsconfig: false,
    // Other packages stay where they are: of a class there must be one copy.
    external: (id, _importer, isResolved) =>
      !isResolved && !id.startsWith('.') && !isAbsolute(id),
    plugins: [mapsOfTsc()],
    // The maps say from which file code is; a comment for each would be read at every start.
    experimental: { attachDebugInfo: 'none' },
  };
}

/**
 * @returns {import('rolldown').OutputOptions}
 */
function outputOptions(folder, input) {
  return {
    dir: join(folder, 'bundle'),
    format: 'esm',
    sourcemap: true,
    // The sources are published too.
    sourcemapExcludeSources: true,
    // The comments stand in the sources; what other bundlers heed stays.
    comments: { legal: true, annotation: true, jsdoc: false },
    chunkFileNames: '[name].js',
    codeSplitting:
      Object.keys(input).length === 1 ? false : { groups: sharedChunks },
  };
}

/** Hands each module to the bundler with the map from it to its source. */
function mapsOfTsc() {
  return {
    name: 'maps-of-tsc',
    /** @param {string} id */
    load: (id) => ({
      code: readFileSync(id, 'utf8'),
      map: readFileSync(`${id}.map`, 'utf8'),
    }),
  };
}

/**
 * Writes what differs, each file in one go, as somebody may be loading it, and
 * removes what is no longer made.
 */
function write(folder, files) {
  for (const [name, content] of files) {
    const path = join(folder, name);
    if (contentOf(path) === content) continue;
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  }
  for (const file of readdirSync(folder, { recursive: true }).map(String)) {
    const isMade = files.has(file.replaceAll('\\', '/'));
    if (/\.(js|map)$/.test(file) && !isMade)
      rmSync(join(folder, file), { force: true });
  }
}

function contentOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Bundles whenever a watching tsc says that it is done. */
function keepBundling() {
  const compiler = spawn(
    process.execPath,
    [tsc, '-b', '--watch', '--preserveWatchOutput'],
    { cwd: workspace, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  compiler.stdout.on('data', (output) => {
    process.stdout.write(output);
    if (!output.includes('Watching for file changes')) return;
    // What cannot be bundled now can be when the next change is compiled.
    bundleAll().catch((thrown) => console.error(thrown.message));
  });
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => compiler.kill());
  compiler.once('exit', () => process.exit());
}
