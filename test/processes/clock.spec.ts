import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callsIn, flawsOf } from './call-history.js';
import { confText, ConfFile, Service, temporaryFolder } from './service.js';

const library = findFaketime();

/** The library that `faketime` loads; undefined if it is not installed. */
function findFaketime(): string | undefined {
  const { stdout, status } = spawnSync(
    'faketime',
    ['-f', '+0s', 'sh', '-c', 'echo $LD_PRELOAD'],
    { encoding: 'utf8' },
  );
  return status === 0 ? stdout.trim() : undefined;
}

describe('F58 a wall clock that jumps', () => {
  it.for([
    ['+1h', 3_600_000],
    ['-1h', -3_600_000],
  ] as const)(
    'by %s in the middle of a callback times nothing out and warns of nothing',
    async ([jump, milliseconds], { skip }) => {
      if (library === undefined) skip('the package faketime is not installed');
      const conf = new ConfFile(confText({ g: ['v'] }));
      const time = join(temporaryFolder(), 'time');
      writeFileSync(time, '+0s\n');
      const service = new Service(
        conf,
        { participants: ['a'], faults: { 'a.serveVolume w': 'hold' } },
        {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: time,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      );
      await service.line('ready');
      conf.replace(confText({ g: ['v', 'w'] }));
      service.signal('SIGHUP');
      const before = wallClock(await service.line('holding'));
      writeFileSync(time, `${jump}\n`);
      service.tell('go');
      const jumped = wallClock(await service.line('going on')) - before;
      expect(Math.abs(jumped - milliseconds)).toBeLessThan(60_000);
      await service.line(/^ended 2 signaled applied/);
      service.signal('SIGTERM');
      expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
      expect(service.all(/still runs|did not settle/)).toEqual([]);
      expect(flawsOf(callsIn(service.lines))).toEqual([]);
    },
  );
});

function wallClock(line: string): number {
  return Number(line.split(' at ')[1]);
}
