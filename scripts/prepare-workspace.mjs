// Brings a checkout to the state in which everything can run: dependencies as
// package-lock.json says, every package built. It uses nothing but Node, as it
// runs before anything is installed, and is quick when nothing is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the workspace, whatever the current folder is. */
export const workspace = dirname(dirname(fileURLToPath(import.meta.url)));

/** The compiler's program. */
export const tsc = join(workspace, 'node_modules/typescript/bin/tsc');

/**
 * Installs and builds what is missing or out of date, and says so on stderr.
 * A failure ends the process with one message and a non-zero exit code.
 */
export function prepareWorkspace() {
  requireNode();
  if (!isInstalled()) {
    announce('Installing the dependencies (npm ci) …');
    // Without --loglevel=error npm warns that schematics, which only
    // `nest generate` uses, ask for a newer Node.
    run([...npm(), 'ci', '--include=dev', '--loglevel=error'], 'npm ci failed');
  }
  for (const file of unbuiltPackages()) rmSync(file, { force: true });
  announce('Building what has changed …');
  run([process.execPath, tsc, '-b'], 'The build failed');
  const bundle = join(workspace, 'scripts/bundle.mjs');
  run([process.execPath, bundle], 'The libraries could not be bundled');
}

/**
 * Says one sentence to the user, apart from the output of the command.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/**
 * Ends the process because of something that the user can mend.
 *
 * @param {string} message
 * @returns {never}
 */
export function giveUp(message) {
  announce(message);
  process.exit(1);
}

/** The workspace's packages: their folder and their package.json. */
export function packages() {
  return ['libs', 'apps']
    .flatMap((parent) =>
      readdirSync(join(workspace, parent)).map((name) =>
        join(workspace, parent, name),
      ),
    )
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: readJson(join(folder, 'package.json')),
    }));
}

function requireNode() {
  const wanted = readJson(join(workspace, 'package.json')).engines.node;
  if (majorAndMinor(process.versions.node) >= majorAndMinor(wanted)) return;
  giveUp(
    `Node ${wanted} is needed, this is ${process.versions.node} (${process.execPath}).`,
  );
}

/** Of 20.19.0 and of >=20.19.0 20.019, which can be compared. */
function majorAndMinor(version) {
  const [major, minor] = version.match(/\d+/g);
  return Number(major) + Number(minor) / 1000;
}

/** Whether node_modules holds what package-lock.json lists. */
function isInstalled() {
  const locked = readJson(join(workspace, 'package-lock.json')).packages;
  const record = join(workspace, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.keys(locked).every((path) => {
    const have = installed[path];
    const want = locked[path];
    if (path === '' || (have === undefined && want.optional)) return true;
    return (
      have !== undefined &&
      have.version === want.version &&
      have.integrity === want.integrity
    );
  });
}

/**
 * The records of `tsc -b` whose output is gone: with the record in place, tsc
 * takes the package for up to date and emits nothing.
 */
function unbuiltPackages() {
  return packages()
    .filter(({ folder, manifest }) =>
      entryFiles(manifest).some((file) => !existsSync(join(folder, file))),
    )
    .map(({ folder }) => join(folder, 'dist/.tsbuildinfo'));
}

function entryFiles(manifest) {
  const exported = Object.values(manifest.exports ?? {}).map(
    (target) => target.default ?? target,
  );
  return [...exported, ...Object.values(manifest.bin ?? {})]
    .map((file) => file.replace('./bundle/', './dist/'))
    .filter((file) => file.startsWith('./dist/'));
}

/**
 * npm as it was called, so that the one on the PATH need not be another.
 *
 * @returns {[string, ...string[]]}
 */
function npm() {
  const path = process.env.npm_execpath;
  return path?.endsWith('.js') ? [process.execPath, path] : ['npm'];
}

/**
 * @param {[string, ...string[]]} command
 * @param {string} failure
 */
function run([program, ...args], failure) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: workspace,
    // Whatever prepares writes to stderr: stdout belongs to what comes after.
    stdio: ['inherit', 2, 2],
  });
  if (error) giveUp(`${failure}: ${error.message}`);
  // Sent to a whole group of processes, it means the server that is to come.
  if (signal === 'SIGHUP') run([program, ...args], failure);
  else if (signal !== null) giveUp(`${failure}: ${signal} ended it.`);
  else if (status !== 0) giveUp(`${failure}; its messages are above.`);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  prepareWorkspace();
