import { VolumeDirectory } from '../../storage/index.js';
import { startVolumesServer } from './volumes-test-server.js';

/**
 * A process that serves the directory in its argument as the volume `v` and
 * tells its parent the port: made to be killed by tests.
 */
const [, , path = ''] = process.argv;
const directory = await VolumeDirectory.open(path, { lockWaitMs: 5_000 });
const { port } = await startVolumesServer({ directory });
process.send?.(port);
process.once('disconnect', () => process.exit());
