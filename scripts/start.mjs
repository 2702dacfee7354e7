// `npm start`: brings the workspace up to date, then becomes the program named
// by the arguments: node scripts/start.mjs <module> [arguments of the module].
//
// The program runs in this very process, by import, and not as a child: so it
// receives SIGINT, SIGTERM and SIGHUP itself, and its exit code is ours. A SIGHUP
// that comes before it is there to be told anything is nobody's: it reads its
// configuration later. Nor does it matter whether somebody reads what is said.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { giveUp, prepareWorkspace, workspace } from './prepare-workspace.mjs';

process.on('SIGHUP', () => {});
for (const stream of [process.stdout, process.stderr])
  stream.on('error', () => {});

const [module, ...args] = process.argv.slice(2);
if (module === undefined)
  giveUp('Usage: node scripts/start.mjs <module> [arguments of the module]');

prepareWorkspace();

const path = join(workspace, module);
process.argv = [process.execPath, path, ...args];
await import(pathToFileURL(path).href);
