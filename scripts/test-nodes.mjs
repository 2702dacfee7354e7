// `npm run test:nodes`: loads every package and runs the tests under each
// version of Node that the packages promise, the lowest one first. Each is
// installed from npm into .cache/nodes, once. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  announce,
  giveUp,
  prepareWorkspace,
  workspace,
} from './prepare-workspace.mjs';

const VERSIONS = ['20.19.0', '22', '24'];

prepareWorkspace();
const failed = VERSIONS.filter((version) => !passes(install(version)));
console.log(
  failed.length === 0
    ? `Passed under Node ${VERSIONS.join(', ')}.`
    : `Failed under Node ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function install(version) {
  const folder = join(workspace, '.cache/nodes', version);
  const bin = join(folder, 'node_modules/node/bin');
  if (!existsSync(join(bin, 'node'))) {
    announce(`Installing Node ${version} …`);
    mkdirSync(folder, { recursive: true });
    const { status } = spawnSync(
      'npm',
      [
        'install',
        '--prefix',
        folder,
        '--no-save',
        '--loglevel=error',
        `node@${version}`,
      ],
      { stdio: ['ignore', 2, 2] },
    );
    if (status !== 0) giveUp(`Node ${version} could not be installed.`);
  }
  return bin;
}

function passes(bin) {
  // First on the PATH too, for what a test starts by the name of `node`.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const node = (...args) =>
    spawnSync(join(bin, 'node'), args, {
      cwd: workspace,
      stdio: 'inherit',
      env,
    }).status === 0;
  node('--print', '`\\nNode ${process.version}`');
  return (
    node('scripts/load-packages.mjs') &&
    node('scripts/test.mjs', ...process.argv.slice(2))
  );
}
