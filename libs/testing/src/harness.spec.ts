import type { TransitionCallbacks } from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import {
  confOf,
  FaultPlan,
  faulty,
  InvariantError,
  InvariantMonitor,
  lineOf,
  MemoryLeaseStore,
  memoryServingLeases,
  recorder,
  TestGate,
  TransitionsHarness,
  VirtualClock,
} from './index.js';

/** What a user of the kit tests: it opens a file for each volume that it serves. */
class Files implements TransitionCallbacks {
  readonly open = new Set<string>();

  serveVolume(_confMap: unknown, volume: string): void {
    this.open.add(volume);
  }

  async unserveVolume(_confMap: unknown, volume: string): Promise<void> {
    await Promise.resolve();
    this.open.delete(volume);
  }
}

const here = confOf({ groups: { local: ['photos', 'mail'] } });
const gone = confOf({
  groups: { local: { primary: 'B', volumes: ['photos', 'mail'] } },
});

describe('TransitionsHarness', () => {
  it('takes a participant through a boot, a reload and a Down', async () => {
    const files = new Files();
    const record = recorder();
    const harness = new TransitionsHarness({
      participants: [
        { name: 'files', callbacks: record.participant('files', files) },
      ],
    });
    await harness.up(here);
    expect([...files.open]).toEqual(['photos', 'mail']);
    record.take();
    await harness.signaled(gone);
    expect([...files.open]).toEqual([]);
    expect(record.take({ without: ['validate'] })).toEqual([
      'files.volumeToBeUnserved(mail)',
      'files.volumeToBeUnserved(photos)',
      'files.signaledStart',
      'files.unserveVolume(mail)',
      'files.unserveVolume(photos)',
      'files.volumeGroupMoved(local, B, )',
      'files.signaledFinish',
    ]);
    expect((await harness.down()).outcome).toBe('applied');
  });

  it('shows what a participant makes of a fault at each of its calls', async () => {
    for (let k = 1; k <= 10; k++) {
      const clock = new VirtualClock();
      const files = new Files();
      const faults = new FaultPlan(clock);
      const callbacks = faulty('files', files, faults);
      const harness = new TransitionsHarness({
        clock,
        participants: [{ name: 'files', callbacks }],
      });
      await harness.up(here);
      faults.atCall(k, 'reject');
      const report = await harness.signaled(gone);
      // Two unserves; the first one that fails is issued, so nothing serves it again.
      expect(report.outcome).toBe(k <= 2 ? 'rolledBack' : 'applied');
      expect(faults.injected).toBe(k <= 2 ? 1 : 0);
      expect([...files.open]).toEqual({ 1: ['photos'], 2: [] }[k] ?? []);
    }
  });
});

describe('a participant of a harness', () => {
  it('keeps what it lacks, and has every callback where it is given none', async () => {
    const harness = new TransitionsHarness({
      participants: [
        { name: 'files', callbacks: new Files() },
        { name: 'all' },
      ],
    });
    await harness.up(confOf({ groups: { local: ['photos'] } }));
    expect(harness.monitor.log.calls.map(lineOf)).toEqual([
      'all.validate',
      'all.up',
      'all.volumeGroupCreated(local, A, )',
      'all.volumeCreated(photos, local)',
      'files.serveVolume(photos)',
      'all.serveVolume(photos)',
      'all.signaledFinish',
    ]);
  });

  it('has a gate behind it that is open where all serve, and closed before anybody lets go', async () => {
    const gate = new TestGate();
    const open: string[] = [];
    const note = (line: string) => (_confMap: unknown, volume: string) => {
      open.push(`${line} ${gate.isOpen(volume)}`);
    };
    const harness = new TransitionsHarness({
      gate,
      participants: [
        {
          name: 'files',
          callbacks: {
            serveVolume: note('serve'),
            volumeToBeUnserved: note('announced'),
          },
        },
      ],
    });
    await harness.up(here);
    expect(['photos', 'mail'].map((name) => gate.isOpen(name))).toEqual([
      true,
      true,
    ]);
    await harness.signaled(gone);
    expect(open).toEqual([
      'serve false',
      'serve false',
      'announced false',
      'announced false',
    ]);
  });

  it('learns the outcome of the reload that covers it, asked for at once', async () => {
    const harness = new TransitionsHarness({ participants: [{ name: 'all' }] });
    await harness.up(here);
    const reports = await harness.signaledAtOnce(
      { confMap: gone },
      { confMap: here },
      { confMap: gone },
    );
    expect(reports.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      '2 applied',
      '3 unchanged',
      '3 unchanged',
    ]);
  });

  it('is asked by a dry run, which changes nothing', async () => {
    const record = recorder();
    const harness = new TransitionsHarness({
      participants: [{ name: 'files', callbacks: record.participant('files') }],
    });
    await harness.up(here);
    record.take();
    const before = harness.snapshot();
    expect((await harness.dryRun(gone)).outcome).toBe('applied');
    expect(record.take()).toEqual(['files.validate']);
    expect(harness.snapshot()).toEqual(before);
  });
});

describe('InvariantMonitor', () => {
  it('says which invariant did not hold, and the calls before it', () => {
    const monitor = new InvariantMonitor();
    const watched = monitor.watch('files');
    const context = {
      kind: 'up',
      id: 1,
      generation: 1,
      signal: new AbortController().signal,
      timeLeft: 60_000,
      assertHeld: () => undefined,
    } as const;
    monitor.onEvent({
      type: 'transitionStarted',
      id: 1,
      kind: 'up',
      reason: 'test',
    });
    void watched.up(here, context);
    void watched.serveVolume(here, 'photos', context);
    expect(() => monitor.check()).toThrow(InvariantError);
    expect(() => monitor.check()).toThrow(
      /I14: files.serveVolume\(photos\), but it does not know the volume\n[^]*#1 up files.up: done/,
    );
  });
});

describe('TransitionsHarness with leases', () => {
  /** Two peers of a cluster, of which B has both volumes at first. */
  const cluster = () => {
    const clock = new VirtualClock();
    const store = new MemoryLeaseStore({ clock });
    const peer = () => {
      const files = new Files();
      const harness = new TransitionsHarness({
        participants: [{ name: 'files', callbacks: files }],
        clock,
        leases: memoryServingLeases({ store, clock }),
      });
      return { files, harness };
    };
    return { clock, store, a: peer(), b: peer() };
  };
  const atB = confOf({ whoAmI: 'B', groups: { local: ['photos', 'mail'] } });
  const notAtB = confOf({
    whoAmI: 'B',
    groups: { local: { primary: 'A', volumes: ['photos', 'mail'] } },
  });

  it('serves what another one holds as soon as it is free', async () => {
    const { a, b, clock } = cluster();
    await b.harness.up(atB);
    const { outcome, waiting } = await a.harness.up(here);
    expect(outcome).toBe('applied');
    expect(waiting.map(({ volume, holder }) => [volume, holder])).toEqual([
      ['photos', 'B'],
      ['mail', 'B'],
    ]);
    await b.harness.signaled(notAtB);
    await clock.advance(1_000);
    expect([...a.files.open]).toEqual(['photos', 'mail']);
    await a.harness.checkAfter(0);
    await a.harness.down();
  });

  it('takes away what is lost, and judges that too', async () => {
    const { b, clock, store } = cluster();
    await b.harness.up(atB);
    store.remove('mail');
    await clock.advance(1_000);
    const lost = b.harness.monitor.log.calls.filter(
      ({ kind }) => kind === 'lost',
    );
    expect(lost.map(lineOf)).toEqual(['files.unserveVolume(mail)']);
    expect([...b.files.open].sort()).toEqual(['mail', 'photos']);
    await b.harness.checkAfter(0);
  });

  it('does not let a volume be said to wait that is served', async () => {
    const { b } = cluster();
    await b.harness.up(atB);
    const snapshot = b.harness.snapshot();
    const waiting = [
      { volume: 'mail', holder: 'A', session: '1', since: 0 },
    ] as const;
    b.harness.monitor.compare({ ...snapshot, waiting });
    expect(() => b.harness.monitor.check()).toThrow(
      /nothing is said of this: files still serves mail/,
    );
  });
});
