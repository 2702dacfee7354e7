import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { confText, ConfFile, Service, temporaryFolder } from './service.js';

const groups = { g: ['v'] };

function withLog(path: string): ConfFile {
  return new ConfFile(confText(groups, `[Logging]\nLogFilePath: ${path}\n`));
}

/** Mounts a file system of 64 KiB. If that is impossible, returns why. */
function mountSmall(folder: string): string | undefined {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], {
      stdio: 'pipe',
    });
  } catch (thrown) {
    return `mount: ${String(thrown)}`;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return undefined;
}

describe('a log file', () => {
  it('that logrotate has moved is opened anew on SIGHUP, and no line is lost', async () => {
    const path = join(temporaryFolder(), 'service.log');
    const service = new Service(withLog(path));
    await service.line('ready');
    renameSync(path, `${path}.1`);
    service.signal('SIGHUP');
    await service.line(/^ended 2 /);
    service.signal('SIGTERM');
    await service.exit;
    expect(readFileSync(`${path}.1`, 'utf8')).toMatch(/#2 signaled: SIGHUP/);
    expect(readFileSync(path, 'utf8')).toMatch(/#3 applied/);
  });

  it('is opened anew on SIGHUP when the configuration is refused, too (F152)', async () => {
    const path = join(temporaryFolder(), 'service.log');
    const conf = withLog(path);
    const service = new Service(conf);
    await service.line('ready');
    renameSync(path, `${path}.1`);
    conf.replace('Nonsense');
    service.signal('SIGHUP');
    await service.line(/^ended 2 signaled rejected/);
    service.signal('SIGTERM');
    await service.exit;
    expect(readFileSync(path, 'utf8')).toMatch(/#3 applied/);
  });

  it('F86 F88 on a disk that is full loses lines, and the service goes on as if nothing were', async ({
    skip,
  }) => {
    const folder = join(temporaryFolder(), 'small');
    const why = mountSmall(folder);
    if (why !== undefined) skip(`no file system of our own: ${why}`);
    const path = join(folder, 'service.log');
    const service = new Service(withLog(path));
    await service.line('ready');
    writeFileSync(join(folder, 'filling'), Buffer.alloc(60 * 1024));
    for (let reload = 2; service.all('lines are lost').length === 0; reload++) {
      service.signal('SIGHUP');
      await service.line(new RegExp(`^ended ${reload} signaled unchanged`));
    }
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(service.all(/lines are lost: .*ENOSPC/).length).toBeGreaterThan(0);
    expect(existsSync(path)).toBe(true);
  });
});
