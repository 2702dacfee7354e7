#!/usr/bin/env node
import { Hangups } from './process/hangups.js';
import { surviveLostOutput } from './process/output.js';

surviveLostOutput();
const hangups = new Hangups();
// Only now: loading Nest takes half a second, in which a signal may come.
const { run } = await import('./run.js');
await run(hangups);
