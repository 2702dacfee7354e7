import { describe, expect, it } from 'vitest';
import { callsIn, flawsOf } from './call-history.js';
import { confText, ConfFile, forEach, Service } from './service.js';

describe('F34 a boot whose up throws', () => {
  it('rolls back in reverse and ends the process with exit code 1 and a readable reason', async () => {
    const service = new Service(new ConfFile(), {
      participants: ['a', 'b', 'c'],
      faults: { 'c.up': 'throw' },
    });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    const calls = callsIn(service.lines);
    expect(
      calls.map(({ participant, callback }) => `${participant}.${callback}`),
    ).toEqual(['a.up', 'b.up', 'c.up', 'b.down', 'a.down']);
    await service.line(
      /^failed TransitionFailedError: .*rolledBack: Participant c \(order 3\) failed in up.*: fault of call 3/,
    );
    expect(service.all('ready')).toEqual([]);
  });
});

describe('close() during the boot', () => {
  it('takes down what is up, and the process ends by itself without having listened', async () => {
    const service = new Service(new ConfFile(), {
      hooks: 'none',
      closeDuringBoot: true,
      faults: { 'b.volumeCreated v': 'hold' },
    });
    const call = (await service.line('holding')).split(' ')[1]!;
    service.tell('close');
    await service.line(`aborted ${call}`);
    service.tell('go');
    expect(await service.exit).toEqual({ code: 1, signal: null });
    await service.line(/^failed TransitionFailedError: .*A Down stopped/);
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
  });
});

describe('F83 a Down that cannot do everything', () => {
  it.each([false, true])(
    'does the rest, lists what failed and ends with exit code 1 (useProcessExit: %s)',
    async (useProcessExit) => {
      const service = new Service(new ConfFile(), {
        useProcessExit,
        faults: { 'b.unserveVolume v': 'throw' },
      });
      await service.line('ready');
      service.signal('SIGTERM');
      expect(await service.exit).toEqual({ code: 1, signal: null });
      await service.line(/ERROR.*#2 failed/);
      await service.line(
        /Participant b \(order 2\) failed in unserveVolume\(v\)/,
      );
      const calls = callsIn(service.lines).filter(
        ({ kind }) => kind === 'down',
      );
      const made = calls.map(
        ({ participant, callback, target = '' }) =>
          `${participant}.${callback} ${target}`,
      );
      expect(made).toContain('a.unserveVolume w');
      expect(made.slice(-2)).toEqual(['b.down ', 'a.down ']);
      // It would build on what failed.
      expect(made).not.toContain('b.volumeDestroyed v');
    },
  );

  it('F42 ends in time although a callback never settles, and says what it abandoned', async () => {
    const service = new Service(new ConfFile(), {
      options: { shutdownTimeout: 1000, callbackTimeout: 60_000 },
      faults: { 'b.unserveVolume v': 'hang' },
    });
    await service.line('ready');
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: 1, signal: null });
    await service.line(
      /Participant b \(order 2\) did not settle in unserveVolume\(v\)/,
    );
    await service.line(/not done.*b\.volumeDestroyed\(v\)/);
    await service.line(/^done \d+ a\.down/);
  });
});

describe('F41 a callback that outlives its timeout', () => {
  it('is unknown until it settles; then the next reload does what it lacks, and Down undoes all', async () => {
    const conf = new ConfFile(confText({ g: ['v'] }));
    const service = new Service(conf, {
      options: { callbackTimeout: 200, drainTimeout: 100 },
      faults: { 'b.serveVolume w': 'hold' },
    });
    await service.line('ready');
    conf.replace(confText({ g: ['v', 'w'] }));
    service.signal('SIGHUP');
    await service.line(/^ended 2 signaled degraded/);
    service.tell('go');
    await service.line('settled late');
    service.signal('SIGHUP');
    await service.line(/^ended 3 signaled applied/);
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
    expect(service.all(/serveVolume|unhandled/i).join('\n')).not.toMatch(
      /unhandled/i,
    );
  });
});

describe('F44 a callback that blocks the event loop', () => {
  it('delays the signals, which are not lost: the reload and the shutdown follow', async () => {
    const conf = new ConfFile(confText({ g: ['v'] }));
    const service = new Service(conf, {
      faults: { 'a.serveVolume w': 'block' },
    });
    await service.line('ready');
    conf.replace(confText({ g: ['v', 'w'] }));
    service.signal('SIGHUP');
    await service.line(/call \d+ a\.serveVolume w/);
    // The service hears nothing now.
    conf.replace(confText({ g: ['v', 'x'] }));
    service.signal('SIGHUP');
    await service.line(/^done \d+ a\.serveVolume w/);
    await service.line(/^ended 3 signaled applied/);
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
  });
});

describe('F47 an unhandled rejection of somebody else', () => {
  it('ends the process, which is not kept alive to go on silently', async () => {
    const service = new Service(new ConfFile());
    await service.line('ready');
    service.tell('crash');
    expect(await service.exit).toEqual({ code: 1, signal: null });
    await service.line('of somebody else');
    expect(
      callsIn(service.lines).filter(({ kind }) => kind === 'down'),
    ).toEqual([]);
  });
});

describe('F55 a kill -9', () => {
  it('at any moment of a boot or reload leaves nothing that a new process would stumble over', async () => {
    const conf = new ConfFile(confText({ g: ['v'] }));
    const healthy = new Service(conf, { participants: ['a'] });
    await healthy.line('ready');
    const booted = callsIn(healthy.lines).length;
    await forEach(
      [1, booted - 1, booted, booted + 1, booted + 3],
      async (call) => {
        const own = new ConfFile(confText({ g: ['v'] }));
        const killed = new Service(own, {
          participants: ['a'],
          faults: { [call]: 'die' },
        });
        if (call > booted) {
          await killed.line('ready');
          own.replace(confText({ g: ['v', 'w'] }));
          killed.signal('SIGHUP');
        }
        expect(await killed.exit).toEqual({ code: null, signal: 'SIGKILL' });
      },
    );
    // Without leases, there is nothing to clean up outside the process.
    const restarted = new Service(conf, { participants: ['a'] });
    await restarted.line('ready');
    expect(callsIn(restarted.lines).map(({ callback }) => callback)).toEqual(
      callsIn(healthy.lines).map(({ callback }) => callback),
    );
  });
});
