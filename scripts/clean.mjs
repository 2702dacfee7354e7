// `npm run clean`: removes everything that `npm run build` and the benchmarks'
// own build emit.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packages, workspace } from './prepare-workspace.mjs';

const folders = packages().map(({ folder }) => folder);
for (const folder of [...folders, join(workspace, 'bench')])
  for (const built of ['dist', 'bundle'])
    rmSync(join(folder, built), { recursive: true, force: true });
