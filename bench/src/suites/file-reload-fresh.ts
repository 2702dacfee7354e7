import { runFileReload } from '../file-reload-suite.js';

// What was written within the last two seconds is read twice.
await runFileReload('reload', 0, [
  ['file.fresh', 'reload', 'the same, file written just now'],
]);
