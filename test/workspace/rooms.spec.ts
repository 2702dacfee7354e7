import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { disorderIn, filesOf, type House } from './rooms.js';

const workspace = fileURLToPath(new URL('../../', import.meta.url));

// CONTRIBUTING.md says what is in each room.
const houses: readonly House[] = [
  {
    folder: 'libs/conf/src',
    rooms: [
      'problems',
      'text',
      'grammar',
      'sections',
      'editing',
      'getters',
      'layout',
      'parsing',
      'files',
      '*',
    ],
  },
  {
    folder: 'libs/transitions/src/core',
    rooms: [
      'model',
      'time',
      'leases',
      'configuration',
      'plan',
      'run',
      'report',
      'state',
      'transition',
      'trouble',
      '*',
    ],
  },
  {
    folder: 'libs/transitions/src',
    rooms: [
      'core',
      'checks',
      'ports',
      'sources',
      'logging',
      'options',
      'participants',
      'config',
      'runtime',
      'transitions.runtime.ts',
      'transitions.service.ts',
      'reload',
      'gate',
      'lifecycle',
      '*',
    ],
  },
  {
    folder: 'libs/testing/src',
    rooms: ['call-log.ts', 'virtual-clock.ts', 'leases', 'monitor', '*'],
  },
  {
    folder: 'libs/etcd/src',
    rooms: ['checks', 'wire', 'link', 'leases', '*'],
  },
  {
    folder: 'apps/volumed/src',
    rooms: [
      'process',
      'logs',
      'options',
      'storage',
      'http',
      'status',
      'participants',
      '*',
      'demo',
    ],
  },
];

describe.each(houses)('the rooms of $folder', (house) => {
  const files = filesOf(workspace, house);

  it('import only those below them', () => {
    expect(disorderIn(files, house)).toEqual([]);
  });

  it('are all there', () => {
    const named = house.rooms.filter((room) => room !== '*');
    const empty = named.filter(
      (room) => !files.some(({ path }) => path.split('/')[0] === room),
    );
    expect(empty).toEqual([]);
  });
});

describe('an order of rooms', () => {
  const house: House = { folder: '', rooms: ['cellar', 'hall', '*'] };
  const disorder = (path: string, ...imports: string[]): string[] =>
    disorderIn([{ path, imports }], house);

  it('lets a room import those below it, and its own files', () => {
    expect(disorder('hall/a.ts', 'cellar/b.ts', 'hall/c.ts')).toEqual([]);
    expect(disorder('roof.ts', 'hall/a.ts', 'chimney.ts')).toEqual([]);
  });

  it('refuses an import that runs up', () => {
    expect(disorder('cellar/b.ts', 'hall/a.ts')).toHaveLength(1);
    expect(disorder('hall/a.ts', 'roof.ts')).toHaveLength(1);
  });

  it('refuses a file in a folder that is no room', () => {
    expect(disorder('attic/a.ts')).toEqual(['attic/a.ts is in no room']);
  });
});
