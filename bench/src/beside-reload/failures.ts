import { ConfMap, type TransitionOutcome } from 'nestjs-transitions';
import {
  makeReturnTexts,
  makeTexts,
  type Shape,
  type Texts,
} from '../configuration.js';
import type { Pace } from '../participants.js';
import type { ComparedCase, Comparison } from './comparison.js';
import { Service, type ConfMaps } from './service.js';

/** Reloads in which callbacks fail, and those that follow. */
export const failures: readonly ComparedCase[] = [
  {
    id: 'last.rollback',
    title: 'the last serveVolume fails, rollback',
    ...failing('rollback', (calls) => (call) => call === calls),
  },
  {
    id: 'seventh.rollback',
    title: 'every 7th serveVolume fails, rollback',
    // The first one that fails ends it; what the rollback serves again is no part of the fault.
    ...failing('rollback', () => (call) => call === 7),
  },
  {
    id: 'after.rollback',
    title: 'reload after a rollback',
    paces: ['at once', 'async'],
    prepare: compareAfterRollback,
  },
  {
    id: 'last.isolate',
    title: 'the last serveVolume fails, isolate',
    ...failing('isolate', (calls) => (call) => call === calls),
  },
  {
    id: 'seventh.isolate',
    title: 'every 7th serveVolume fails, isolate',
    ...failing('isolate', () => isSeventh),
  },
  {
    id: 'after.isolate',
    title: 'reload after an isolate',
    paces: ['at once', 'async'],
    prepare: compareAfterIsolate,
  },
  { ...returning('rollback'), id: 'return.rollback' },
  { ...returning('isolate'), id: 'return.isolate' },
];

type OnFailure = 'rollback' | 'isolate';

const outcomes: Readonly<Record<OnFailure, TransitionOutcome>> = {
  rollback: 'rolledBack',
  isolate: 'partial',
};

function isSeventh(call: number): boolean {
  return call % 7 === 0;
}

/** Which of so many calls of serveVolume fail. */
type Fault = (calls: number) => (call: number) => boolean;

function failing(
  onFailure: OnFailure,
  fault: Fault,
): Pick<ComparedCase, 'paces' | 'prepare'> {
  return {
    paces: ['at once', 'async'],
    prepare: async (shape, pace) => {
      const confMaps = parse(makeTexts(shape));
      const service = await Service.up(confMaps, pace, onFailure);
      return {
        reload: (await Service.up(confMaps, pace)).reloading(),
        measured: failingReload(service, onFailure, fault(service.serveCalls)),
      };
    },
  };
}

function failingReload(
  service: Service,
  onFailure: OnFailure,
  fails: (call: number) => boolean,
): Comparison['measured'] {
  return {
    name: 'measured',
    prepare: () => service.reload(service.confMaps.before),
    run: () => service.reloadFailing(fails, outcomes[onFailure]),
  };
}

async function compareAfterRollback(
  shape: Shape,
  pace: Pace,
): Promise<Comparison> {
  const confMaps = parse(makeTexts(shape));
  const service = await Service.up(confMaps, pace);
  const { serveCalls } = service;
  return {
    reload: (await Service.up(confMaps, pace)).reloading(),
    measured: {
      name: 'measured',
      prepare: async () => {
        await service.reload(confMaps.before);
        await service.reloadFailing(
          (call) => call === serveCalls,
          'rolledBack',
        );
      },
      run: () => service.reload(confMaps.after),
    },
  };
}

/** Back to the first configuration, which takes away again what was set aside. */
async function compareAfterIsolate(
  shape: Shape,
  pace: Pace,
): Promise<Comparison> {
  const confMaps = parse(makeTexts(shape));
  const service = await Service.up(confMaps, pace, 'isolate');
  return {
    reload: (await Service.up(confMaps, pace)).reloading(),
    measured: {
      name: 'measured',
      prepare: () => service.reloadFailing(isSeventh, 'partial'),
      run: () => service.reload(confMaps.before),
    },
  };
}

function returning(onFailure: OnFailure): Omit<ComparedCase, 'id'> {
  return {
    title: `all come back, the 2,000th serveVolume fails, ${onFailure}`,
    plainTitle: 'the same where none fails',
    paces: ['at once', 'async'],
    prepare: async (shape, pace) => {
      const confMaps = parse(makeReturnTexts(shape));
      const service = await Service.up(confMaps, pace, onFailure);
      const edited = parse(makeTexts(shape));
      return {
        reload: (await Service.up(edited, pace)).reloading(),
        measured: failingReload(service, onFailure, (call) => call === 2000),
        plain: (await Service.up(confMaps, pace)).reloading(),
      };
    },
  };
}

function parse({ before: text, after: edited }: Texts): ConfMaps {
  const before = ConfMap.parse(text);
  return { before, after: ConfMap.parse(edited, { previous: before }) };
}
