import { ConfMap } from 'nestjs-transitions';
import type { Texts } from '../configuration.js';
import { checkConfiguration, initialState, planTransition } from '../core.js';
import { participantCount } from '../participants.js';
import type { Case } from '../rounds.js';

/** Topology, delta and plan if nothing has changed, for all participants. */
export function comparing({ before }: Texts): Case[] {
  const confMap = ConfMap.parse(before);
  const inForce = checkConfiguration(confMap, 1, undefined);
  const state = { ...initialState, up: true, held: inForce.topology };
  const compare = (candidate: ConfMap): void => {
    const { topology } = checkConfiguration(candidate, 2, inForce);
    const changes = Array.from({ length: participantCount }, () => ({
      state,
      wanted: topology,
    }));
    planTransition('signaled', changes);
  };
  let parsedAnew = confMap;
  return [
    { name: 'compare the same', run: () => compare(confMap) },
    {
      name: 'compare, parsed anew',
      prepare: () => {
        parsedAnew = ConfMap.parse(before);
      },
      run: () => compare(parsedAnew),
    },
  ];
}
