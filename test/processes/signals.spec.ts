import { describe, expect, it } from 'vitest';
import { callsIn, flawsOf } from './call-history.js';
import { confText, ConfFile, forEach, Service } from './service.js';

// Each call that is interrupted takes a process of its own, so that a short run
// tries every third one. test/faults/preemption.spec.ts does the same within a
// process.
const isLong = process.env['TRANSITIONS_TEST_LONG'] === '1';
const participants = isLong ? ['a', 'b'] : ['a'];
const stride = isLong ? 1 : 3;

const before = confText({ g: ['v', 'w'] });
// v is destroyed, w moves to another group, y and z are new.
const after = confText({ g: ['y', 'z'], h: ['w'] });

/** A service that has booted and reloaded, and that nothing disturbed. */
async function undisturbed(): Promise<Service> {
  const conf = new ConfFile(before);
  const service = new Service(conf, { participants });
  await service.line('ready');
  conf.replace(after);
  service.signal('SIGHUP');
  await service.line(/^ended 2 signaled applied/);
  return service;
}

/** The numbers of the calls of a kind at which to try something. */
function callsToTry(service: Service, kind: string): number[] {
  const calls = callsIn(service.lines).filter((call) => call.kind === kind);
  expect(calls.length).toBeGreaterThan(4);
  return calls
    .filter((_call, index) => index % stride === 0)
    .map(({ number }) => number);
}

/**
 * Sends SIGTERM while a call is held, and releases the call when the Down has
 * come.
 */
async function terminateWhileHeld(service: Service, call: number) {
  await service.line(`holding ${call} `);
  service.signal('SIGTERM');
  await service.line(`aborted ${call}`);
  service.tell('go');
  return service.exit;
}

describe('F52 a SIGTERM', () => {
  it('without anything running takes all down and ends the process by the signal', async () => {
    const service = await undisturbed();
    service.signal('SIGTERM');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
    expect(service.lines.at(-1)).toBe('beforeApplicationShutdown');
  });

  it('at every callback of a boot cuts it there, and takes down what was up', async () => {
    await forEach(callsToTry(await undisturbed(), 'up'), async (call) => {
      const service = new Service(new ConfFile(before), {
        participants,
        faults: { [call]: 'hold' },
      });
      expect(await terminateWhileHeld(service, call)).toEqual({
        code: null,
        signal: 'SIGTERM',
      });
      const calls = callsIn(service.lines);
      expect(flawsOf(calls), `cut at call ${call}`).toEqual([]);
      expect(calls.slice(call).map(({ kind }) => kind)).toEqual(
        calls.slice(call).map(() => 'down'),
      );
      expect(service.all('ready')).toEqual([]);
    });
  });

  it('at every callback of a reload cuts it there, and takes down what is really up', async () => {
    await forEach(callsToTry(await undisturbed(), 'signaled'), async (call) => {
      const conf = new ConfFile(before);
      const service = new Service(conf, {
        participants,
        faults: { [call]: 'hold' },
      });
      await service.line('ready');
      conf.replace(after);
      service.signal('SIGHUP');
      await terminateWhileHeld(service, call);
      const calls = callsIn(service.lines);
      expect(flawsOf(calls), `cut at call ${call}`).toEqual([]);
      expect(calls.slice(call).every(({ kind }) => kind === 'down')).toBe(true);
    });
  });

  it('at every callback of a rollback goes on from what is really up', async () => {
    const last = participants.at(-1)!;
    const faults = { [`${last}.serveVolume z`]: 'throw' } as const;
    const rollBack = async (held: Readonly<Record<string, 'hold'>>) => {
      const conf = new ConfFile(before);
      const service = new Service(conf, {
        participants,
        faults: { ...faults, ...held },
      });
      await service.line('ready');
      conf.replace(after);
      service.signal('SIGHUP');
      return service;
    };
    const whole = await rollBack({});
    await whole.line(/^ended 2 signaled rolledBack/);
    await forEach(callsToTry(whole, 'rollback'), async (call) => {
      const service = await rollBack({ [call]: 'hold' });
      await terminateWhileHeld(service, call);
      expect(flawsOf(callsIn(service.lines)), `cut at call ${call}`).toEqual(
        [],
      );
    });
  });
});

describe('F53 a second SIGTERM', () => {
  it('changes nothing: Down goes on to its end', async () => {
    const service = new Service(new ConfFile(), {
      faults: { 'a.unserveVolume v': 'hold' },
    });
    await service.line('ready');
    service.signal('SIGTERM');
    await service.line('holding');
    service.signal('SIGTERM');
    service.signal('SIGINT');
    service.tell('go');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
  });
});

describe('F50 a storm of SIGHUP', () => {
  it('runs one reload and has one wait, and ends with the last content of the file', async () => {
    const conf = new ConfFile(confText({ g: ['v'] }));
    const service = new Service(conf, {
      faults: { 'a.serveVolume v1': 'hold' },
    });
    await service.line('ready');
    conf.replace(confText({ g: ['v', 'v1'] }));
    service.signal('SIGHUP');
    await service.line('holding');
    for (let signal = 0; signal < 200; signal++) {
      conf.replace(confText({ g: ['v', 'v1', `storm${signal}`] }));
      service.signal('SIGHUP');
      await new Promise(setImmediate);
    }
    service.tell('go');
    await service.line(/done \d+ a\.serveVolume storm199/);
    service.signal('SIGTERM');
    await service.exit;
    // Each signal that comes while no reload waits may begin one more.
    const reloads = service.all(/^ended \d+ signaled/);
    expect(reloads.length).toBeLessThanOrEqual(3);
    expect(service.all(/serveVolume storm(?!199)/)).toEqual([]);
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
  });
});

describe('F51 a SIGHUP', () => {
  it('before Up is done waits for it, and reloads then', async () => {
    const conf = new ConfFile(confText({ g: ['v'] }));
    const service = new Service(conf, {
      faults: { 'a.serveVolume v': 'hold' },
    });
    await service.line('holding');
    conf.replace(confText({ g: ['v', 'w'] }));
    for (let signal = 0; signal < 5; signal++) service.signal('SIGHUP');
    await service.line('got SIGHUP');
    service.tell('go');
    await service.line(/^ended 2 signaled applied generation 2 \(SIGHUP\)/);
    expect(service.all(/^ended 1 up applied/)).toHaveLength(1);
  });

  it('during Down is refused, and does not end the process before its time', async () => {
    const service = new Service(new ConfFile(), {
      faults: { 'a.down': 'hold' },
    });
    await service.line('ready');
    service.signal('SIGTERM');
    await service.line('holding');
    service.signal('SIGHUP');
    await service.line('got SIGHUP');
    service.tell('go');
    expect(await service.exit).toEqual({ code: null, signal: 'SIGTERM' });
    expect(service.all(/^ended \d+ signaled (?!rejected)/)).toEqual([]);
    expect(service.all(/^ended \d+ down applied/)).toHaveLength(1);
    expect(flawsOf(callsIn(service.lines))).toEqual([]);
  });
});

describe('F54 enableShutdownHooks() without a list', () => {
  it('before the boot is refused, and calls nobody', async () => {
    const service = new Service(new ConfFile(), { hooks: 'all' });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    await expect(
      service.line(/^failed SighupTakenError: .*\['SIGTERM', 'SIGINT'\]/),
    ).resolves.toBeDefined();
    expect(callsIn(service.lines)).toEqual([]);
  });

  it('after the boot is refused, and leaves no zombie', async () => {
    const service = new Service(new ConfFile(), {
      hooks: 'all',
      hooksAfterBoot: true,
    });
    await service.line(/^failed SighupTakenError/);
    service.signal('SIGHUP');
    expect(await service.line('ended 2')).toContain('signaled unchanged');
  });
});
