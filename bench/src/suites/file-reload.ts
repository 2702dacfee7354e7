import { runFileReload } from '../file-reload-suite.js';

await runFileReload('reload', 3600, [
  ['file', 'reload', 'from changed file to applied, 3 %', 0.2],
]);
