// `npm run test:chaos`: brings the workspace up to date, compiles test/chaos, and
// becomes it: signals that are sent to this process reach it, and its exit code
// is ours.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  giveUp,
  prepareWorkspace,
  tsc,
  workspace,
} from './prepare-workspace.mjs';

prepareWorkspace();
process.chdir(workspace);

const project = join(workspace, 'test/chaos/tsconfig.build.json');
const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
  stdio: ['inherit', 2, 2],
});
if (status !== 0) giveUp('test/chaos could not be compiled.');

const main = join(workspace, 'test/chaos/dist/chaos/main.js');
await import(pathToFileURL(main).href);
