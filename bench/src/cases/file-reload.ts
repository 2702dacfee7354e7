import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileConfSource } from 'nestjs-transitions';
import type { Texts } from '../configuration.js';
import { expectDone, makeCoordinator } from '../coordination.js';
import { idleParticipants, participantCount } from '../participants.js';
import type { Case } from '../rounds.js';

/**
 * From the file to the end of the reload. A file that was written just now is
 * read twice.
 */
export async function reloadingFile(
  name: string,
  folder: string,
  ageSeconds: number,
  texts: Texts,
): Promise<Case> {
  const path = join(folder, `${name}.conf`);
  // As bytes: encoding 24 MB before each reload would make work for its garbage
  // collection.
  const before = Buffer.from(texts.before);
  const after = Buffer.from(texts.after);
  const write = (content: Buffer): void => {
    writeFileSync(`${path}.new`, content);
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(`${path}.new`, time, time);
    renameSync(`${path}.new`, path);
  };
  write(before);
  const source = fileConfSource(path);
  const request = {
    load: (signal: AbortSignal) => source.load(signal),
    reason: 'benchmark',
  };
  const coordinator = makeCoordinator(idleParticipants(participantCount));
  expectDone(await coordinator.up(request));
  let next = before;
  return {
    name,
    prepare: () => {
      next = next === before ? after : before;
      write(next);
    },
    run: async () => expectDone(await coordinator.signaled(request)),
  };
}
