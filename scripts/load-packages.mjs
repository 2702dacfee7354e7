// Imports every entry of every library by its name, each in a Node process of
// its own and nothing between: what is published must load in plain Node and
// export something. Also the entry file of every app must at least be there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packages, workspace } from './prepare-workspace.mjs';

const results = packages().flatMap(({ folder, manifest }) =>
  manifest.private ? checkPrograms(folder, manifest) : checkEntries(manifest),
);
for (const { name, problem, says } of results)
  console.log(`${problem ? 'FAILS' : 'loads'}  ${name}: ${problem ?? says}`);
if (results.some(({ problem }) => problem)) process.exitCode = 1;

function checkEntries(manifest) {
  return Object.keys(manifest.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => load(`${manifest.name}${entry.slice(1)}`));
}

function load(name) {
  const script = `
    import(${JSON.stringify(name)})
      .then(Object.keys)
      .then((names) => {
        if (names.length === 0) throw new Error('it exports nothing by name');
        console.log(names.length + ' exports');
      })
      .catch((error) => {
        console.error(error.message);
        process.exitCode = 1;
      });`;
  const child = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: workspace, encoding: 'utf8' },
  );
  return child.status === 0
    ? { name, says: child.stdout.trim() }
    : { name, problem: child.stderr.trim() };
}

function checkPrograms(folder, manifest) {
  return Object.entries(manifest.bin ?? {}).map(([name, file]) =>
    existsSync(join(folder, file))
      ? { name, says: file }
      : { name, problem: `${file} is not built` },
  );
}
