// `npm run clean`: removes everything that `npm run build` emits.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from './prepare-workspace.mjs';

for (const { folder } of packages())
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
