import type { CallbackName } from 'nestjs-transitions/core';

/** What a snapshot says of a participant, with the callbacks that give and take it. */
export const told: readonly (readonly [
  what: 'groups' | 'volumes' | 'served' | 'leaving',
  verb: string,
  callbacks: readonly CallbackName[],
])[] = [
  ['groups', 'knows', ['volumeGroupCreated', 'volumeGroupDestroyed']],
  ['volumes', 'knows', ['volumeCreated', 'volumeDestroyed']],
  ['served', 'serves', ['serveVolume', 'unserveVolume', 'volumeLost']],
  [
    'leaving',
    'expects to lose',
    ['volumeToBeUnserved', 'unserveVolume', 'volumeUnserveCancelled'],
  ],
];
