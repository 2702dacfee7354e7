// `npm start`: brings the workspace up to date, then becomes the program named
// by the arguments: node scripts/start.mjs <module> [arguments of the module].
//
// The program runs in this very process, by import, and not as a child: so it
// receives SIGINT, SIGTERM and SIGHUP itself, and its exit code is ours.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { giveUp, prepareWorkspace, workspace } from './prepare-workspace.mjs';

const [module, ...args] = process.argv.slice(2);
if (module === undefined)
  giveUp('Usage: node scripts/start.mjs <module> [arguments of the module]');

prepareWorkspace();

const path = join(workspace, module);
process.argv = [process.execPath, path, ...args];
await import(pathToFileURL(path).href);
