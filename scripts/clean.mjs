// `npm run clean`: removes everything that `npm run build` and the builds of the
// benchmarks and of test/chaos emit.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packages, workspace } from './prepare-workspace.mjs';

const folders = packages().map(({ folder }) => folder);
const programs = ['bench', 'test/chaos'].map((name) => join(workspace, name));
for (const folder of [...folders, ...programs])
  for (const built of ['dist', 'bundle'])
    rmSync(join(folder, built), { recursive: true, force: true });
