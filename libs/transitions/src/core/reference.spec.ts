import { existsSync, readFileSync } from 'node:fs';
import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it } from 'vitest';
import { callbackNames } from './model/callback-table.js';
import { Coordinator } from './coordinator.js';
import type { Participant } from './model/participant.js';
import { defaultSettings } from './transition/settings.js';
import { systemClock } from '../ports/system-clock.js';
import { openGuard } from './guard.js';

// The recorded histories of the reference lie beside a checkout of the project,
// where there are any.
const traces = new URL(
  '../../../../../shared/reference/traces.json',
  import.meta.url,
);

const beyondTheReference = new Set<string>([
  'validate',
  'volumeGroupChanged',
  'volumeChanged',
]);

interface Block {
  readonly callback: string;
  readonly participant: string;
  readonly calls: readonly (readonly string[])[];
}

interface Operation {
  readonly op: 'up' | 'signaled' | 'down';
  readonly conf: string;
  readonly blocks: readonly Block[];
}

class Recording {
  blocks: { callback: string; participant: string; calls: string[][] }[] = [];

  participant(name: string, order: number): Participant {
    const callbacks: Record<string, (...args: unknown[]) => void> = {};
    for (const callback of callbackNames) {
      if (beyondTheReference.has(callback)) continue;
      callbacks[callback] = (_confMap, ...args) =>
        this.add(callback, name, args.slice(0, -1) as string[]);
    }
    return {
      name,
      order,
      callbacks,
      concurrency: 1,
      timeout: undefined,
    };
  }

  take(): readonly Block[] {
    const { blocks } = this;
    this.blocks = [];
    for (const { calls } of blocks) {
      calls.sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1));
    }
    return blocks;
  }

  private add(callback: string, participant: string, call: string[]): void {
    const last = this.blocks.at(-1);
    if (last?.callback === callback && last.participant === participant) {
      last.calls.push(call);
    } else this.blocks.push({ callback, participant, calls: [call] });
  }
}

describe.skipIf(!existsSync(traces))(
  'the recorded histories of the reference (skipped where they are not there)',
  () => {
    const histories = existsSync(traces)
      ? (JSON.parse(readFileSync(traces, 'utf8')) as Operation[][])
      : [];

    it.each(histories.map((history, index) => [index, history] as const))(
      'history %i replays exactly',
      async (_index, history) => {
        const recording = new Recording();
        const coordinator = new Coordinator(
          [recording.participant('p1', 1), recording.participant('p2', 2)],
          {
            settings: defaultSettings,
            clock: systemClock,
            sink: { emit: () => {}, wantsSteps: () => false },
            random: () => 0.5,
            guard: openGuard,
          },
        );
        for (const { op, conf, blocks } of history) {
          const load = () => ConfMap.parse(conf);
          const report =
            op === 'up'
              ? await coordinator.up({ load, reason: 'test' })
              : op === 'signaled'
                ? await coordinator.signaled({ load, reason: 'test' })
                : await coordinator.down('test');
          expect(report.errors).toEqual([]);
          expect(recording.take()).toEqual(blocks);
        }
      },
    );
  },
);
