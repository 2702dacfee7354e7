import { detours } from '../beside-reload/detours.js';
import { million } from '../beside-reload/size.js';
import { runBesideReload } from '../beside-reload/suite.js';

await runBesideReload('detours', detours, million);
