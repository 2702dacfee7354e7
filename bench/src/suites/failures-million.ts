import { failures } from '../beside-reload/failures.js';
import { million } from '../beside-reload/size.js';
import { runBesideReload } from '../beside-reload/suite.js';

await runBesideReload('failures', failures, million);
