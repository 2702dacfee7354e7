import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VolumeDirectory } from '../../storage/index.js';
import { type RawAnswer, RawConnection, rawRequest } from './raw-http.js';
import {
  startVolumesServer,
  type VolumesTestServer,
  type VolumesTestServerSetup,
} from './volumes-test-server.js';

/** A volume `v` in a temporary directory, with a server in front of it. */
export class TestVolume {
  private constructor(
    /** A temporary directory around the volume: for what must not be reached. */
    readonly outside: string,
    /** The directory of the volume. */
    readonly root: string,
    readonly directory: VolumeDirectory,
    readonly server: VolumesTestServer,
  ) {}

  static async open(
    setup: Omit<VolumesTestServerSetup, 'directory'> & { token?: bigint } = {},
  ): Promise<TestVolume> {
    const outside = await mkdtemp(join(tmpdir(), 'volumed-'));
    const root = join(outside, 'root');
    await mkdir(root);
    const directory = await VolumeDirectory.open(root, { token: setup.token });
    const server = await startVolumesServer({ ...setup, directory });
    return new TestVolume(outside, root, directory, server);
  }

  /** Sends one request on a connection of its own. */
  request(
    method: string,
    target: string,
    options?: Parameters<typeof rawRequest>[3],
  ): Promise<RawAnswer> {
    return rawRequest(this.server.port, method, target, options);
  }

  connect(): Promise<RawConnection> {
    return RawConnection.open(this.server.port);
  }

  /** Settles when `condition` holds; it is looked at after each turn of the event loop. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.directory.close();
    await rm(this.outside, { recursive: true });
  }
}
