import { ConfMap } from 'nestjs-transitions';
import {
  configurationText,
  makeGroups,
  makeTexts,
  type Shape,
} from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import type { Coordinator } from '../core.js';
import { oldFormText } from '../old-form.js';
import {
  idleAsyncParticipants,
  idleParticipants,
  participantCount,
  type Pace,
} from '../participants.js';
import type { Case } from '../rounds.js';
import type { ComparedCase, Comparison } from './comparison.js';
import { Service } from './service.js';

/** What a reload may need beside the short way from one file to the next, and what may be asked for meanwhile. */
export const detours: readonly ComparedCase[] = [
  {
    id: 'foreign',
    title: 'reload with a map that the source parsed on its own',
    paces: ['at once', 'async'],
    prepare: compareForeign,
  },
  detour('dry', 'dry run of such a map', ({ service, parse }) => {
    let foreign: ConfMap;
    return {
      prepare: async () => {
        await service.reload(service.confMaps.before);
        foreign = parse();
      },
      run: async () => {
        const request = requestOf(foreign);
        const { outcome } = await service.coordinator.dryRun(request);
        if (outcome !== 'applied') throw new Error(`It was ${outcome}`);
      },
    };
  }),
  detour('snapshot', 'snapshot()', ({ service }) => ({
    run: () => service.coordinator.snapshot(),
  })),
  detour('snapshot.read', 'snapshot(), every list read', ({ service }) => ({
    run: () => readAll(service.coordinator),
  })),
  {
    id: 'upgrade',
    title: 'boot with a configuration in the old form',
    plainTitle: "a boot with the same in today's form",
    paces: ['at once', 'async'],
    prepare: compareUpgrade,
  },
  {
    ...detour('parse', 'ConfMap.parse at once', ({ parse }) => ({
      run: parse,
    })),
    hasNoTarget: true,
  },
];

/** A service, and what parses the text of its second configuration anew. */
interface Scene {
  readonly service: Service;
  readonly parse: () => ConfMap;
}

async function makeScene(shape: Shape, pace: Pace): Promise<Scene> {
  const { before: text, after: edited } = makeTexts(shape);
  const before = ConfMap.parse(text);
  const after = ConfMap.parse(edited, { previous: before });
  const service = await Service.up({ before, after }, pace);
  return { service, parse: () => ConfMap.parse(edited) };
}

/** One that calls nothing, and therefore needs no callbacks of another pace. */
function detour(
  id: string,
  title: string,
  caseOf: (scene: Scene) => Omit<Case, 'name'>,
): ComparedCase {
  return {
    id,
    title,
    paces: ['at once'],
    prepare: async (shape, pace) => {
      const scene = await makeScene(shape, pace);
      return {
        reload: scene.service.reloading(),
        measured: { name: 'measured', ...caseOf(scene) },
      };
    },
  };
}

async function compareForeign(shape: Shape, pace: Pace): Promise<Comparison> {
  const { service, parse } = await makeScene(shape, pace);
  const other = await Service.up(service.confMaps, pace);
  let foreign: ConfMap;
  return {
    reload: service.reloading(),
    measured: {
      name: 'measured',
      prepare: async () => {
        await other.reload(other.confMaps.before);
        foreign = parse();
      },
      run: () => other.reload(foreign),
    },
  };
}

async function compareUpgrade(shape: Shape, pace: Pace): Promise<Comparison> {
  const groups = makeGroups({ ...shape, volumesPerGroup: 1 });
  return {
    measured: boot('measured', oldFormText(shape), pace),
    plain: boot('plain', configurationText(groups, shape.peers), pace),
  };
}

function boot(name: string, text: string, pace: Pace): Case {
  const participants =
    pace === 'async' ? idleAsyncParticipants : idleParticipants;
  let confMap: ConfMap;
  let coordinator: Coordinator;
  return {
    name,
    prepare: () => {
      confMap = ConfMap.parse(text);
      coordinator = makeCoordinator(participants(participantCount));
    },
    run: async () => expectDone(await coordinator.up(requestOf(confMap))),
  };
}

function readAll(coordinator: Coordinator): number {
  let names = 0;
  for (const each of coordinator.snapshot().participants) {
    names += each.groups.length + each.volumes.length + each.served.length;
  }
  return names;
}
