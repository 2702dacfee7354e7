import { detours } from '../beside-reload/detours.js';
import { referenceSize } from '../beside-reload/size.js';
import { runBesideReload } from '../beside-reload/suite.js';

await runBesideReload('detours', detours, referenceSize);
