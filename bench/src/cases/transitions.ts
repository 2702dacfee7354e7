import { ConfMap } from 'nestjs-transitions';
import type { Texts } from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import {
  AsyncReentrancyGuard,
  openGuard,
  type Coordinator,
  type ReentrancyGuard,
} from '../core.js';
import {
  idleAsyncParticipants,
  idleParticipants,
  participantCount,
} from '../participants.js';
import type { Case } from '../rounds.js';

/** Boots with participants that do nothing. */
export function goingUp(texts: Texts): Case[] {
  return [upWith('up', texts, idleParticipants, guarded)];
}

/** Boots with participants that do nothing but return promises. */
export function goingUpAsync(texts: Texts): Case[] {
  return [upWith('up, async', texts, idleAsyncParticipants, guarded)];
}

/** The same, but nothing follows the promises. */
export function goingUpUnguarded(texts: Texts): Case[] {
  const name = 'up, async, unguarded';
  return [upWith(name, texts, idleAsyncParticipants, () => openGuard)];
}

function guarded(): ReentrancyGuard {
  return new AsyncReentrancyGuard();
}

function upWith(
  name: string,
  { before }: Texts,
  participants: typeof idleParticipants,
  guard: () => ReentrancyGuard,
): Case {
  const confMap = ConfMap.parse(before);
  let coordinator: Coordinator;
  return {
    name,
    prepare: () => {
      coordinator = makeCoordinator(participants(participantCount), {
        guard: guard(),
      });
    },
    run: async () => expectDone(await coordinator.up(requestOf(confMap))),
  };
}

/** A Down while everything is served. */
export function goingDown({ before }: Texts): Case {
  const confMap = ConfMap.parse(before);
  let coordinator: Coordinator;
  return {
    name: 'down',
    prepare: async () => {
      coordinator = makeCoordinator(idleParticipants(participantCount));
      expectDone(await coordinator.up(requestOf(confMap)));
    },
    run: async () => expectDone(await coordinator.down('benchmark')),
  };
}

/** Reloads with configurations that are parsed already. */
export async function reloading({ before, after }: Texts): Promise<Case[]> {
  const one = ConfMap.parse(before);
  const other = ConfMap.parse(after, { previous: one });
  const changing = makeCoordinator(idleParticipants(participantCount));
  expectDone(await changing.up(requestOf(one)));
  const still = makeCoordinator(idleParticipants(participantCount));
  expectDone(await still.up(requestOf(one)));
  let next = one;
  return [
    {
      name: 'reload 3 %',
      prepare: () => {
        next = next === one ? other : one;
      },
      run: async () => expectDone(await changing.signaled(requestOf(next))),
    },
    {
      name: 'reload unchanged',
      run: async () => expectDone(await still.signaled(requestOf(one))),
    },
  ];
}
