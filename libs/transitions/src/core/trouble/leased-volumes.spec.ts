import { expect, it } from 'vitest';
import type { TransitionReport } from '../report/report.js';
import type { Engine } from '../transition/engine.js';
import { LeasedVolumes } from './leased-volumes.js';

it('a reload that has its turn before what was lost lets go of that first, and is begun anew then', async () => {
  const ran: string[] = [];
  const run = (what: string): Promise<TransitionReport> => {
    ran.push(what);
    return Promise.resolve({ id: ran.length } as TransitionReport);
  };
  const engine = { state: {}, sink: { emit: () => {} } };
  const leased = new LeasedVolumes(engine as unknown as Engine, {
    shut: () => {},
    // Something else has its turn before.
    inTurn: () => {},
    run: (kind, reason) => run(`${kind}: ${reason}`),
    running: () => undefined,
    isOver: () => false,
  });
  const reload = (): Promise<TransitionReport> =>
    leased.rerun(
      () => run('first'),
      () => run('again'),
    );
  await reload();
  leased.lose(['v'], 'key');
  await reload();
  expect(ran).toEqual(['first', 'lost: lost v', 'again']);
});
