/** Which way a phase goes, through participants and targets alike. */
export type Direction = 'fwd' | 'rev';

/** The phases of one way to run through a transition, in their order. */
export type Phases = ReadonlyMap<string, readonly [place: number, Direction]>;

const changes = [
  'volumeGroupCreated fwd',
  'volumeCreated fwd',
  'unserveVolume rev',
  'volumeGroupMoved fwd',
  'volumeMoved fwd',
  'volumeGroupChanged fwd',
  'volumeChanged fwd',
  'serveVolume fwd',
  'volumeUnserveCancelled fwd',
  'volumeDestroyed rev',
  'volumeGroupDestroyed rev',
  'signaledFinish fwd',
];

/** A boot, a reload, a Down, a loss. */
export const forward: Readonly<
  Record<'up' | 'signaled' | 'down' | 'lost', Phases>
> = {
  // Who lacks the one gets the other.
  lost: new Map([
    ['volumeLost', [0, 'rev']],
    ['unserveVolume', [0, 'rev']],
  ]),
  up: phasesOf([
    'validate fwd',
    'up fwd',
    'volumeGroupCreated fwd',
    'volumeCreated fwd',
    'serveVolume fwd',
    'signaledFinish fwd',
  ]),
  signaled: phasesOf([
    'validate fwd',
    'volumeToBeUnserved rev',
    'signaledStart rev',
    ...changes,
  ]),
  down: phasesOf([
    'volumeToBeUnserved rev',
    'signaledStart rev',
    'unserveVolume rev',
    'volumeDestroyed rev',
    'volumeGroupDestroyed rev',
    'down rev',
  ]),
};

/** What undoes a reload, or puts back what is set aside: nobody is told that it starts. */
export const undoing = phasesOf(['volumeToBeUnserved rev', ...changes]);

function phasesOf(lines: readonly string[]): Phases {
  return new Map(
    lines.map((line, place) => {
      const [name, direction] = line.split(' ');
      return [name!, [place, direction as Direction]];
    }),
  );
}
