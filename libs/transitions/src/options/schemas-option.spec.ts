import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { ConfMap } from '@nestjs-transitions/conf';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import type { ConfSource } from '../sources/conf-source.js';
import { sampleText } from '../testing/sample-conf.js';
import { startApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import type { TransitionsModuleOptions } from './transitions.options.js';

type Schemas = NonNullable<TransitionsModuleOptions['schemas']>;

/** A source whose text can be changed. */
class Text implements ConfSource {
  constructor(public own: string) {}

  async load(): Promise<ConfMap> {
    const text = `${this.own}\n${sampleText({ g: ['v'] })}`;
    return ConfMap.parse(text, { path: 'x.conf' });
  }

  describe(): string {
    return 'a text';
  }
}

function start(
  own: string,
  schemas: Schemas,
  ...providers: (new (...args: never[]) => object)[]
) {
  return startApp({ providers }, { source: new Text(own), schemas });
}

const libraries = [
  {
    library: 'zod',
    server: z.strictObject({
      Root: z.string(),
      MaxBytes: z.coerce.number().int().min(1).default(10),
    }),
  },
  {
    library: 'valibot',
    server: v.strictObject({
      Root: v.string(),
      MaxBytes: v.optional(
        v.pipe(
          v.string(),
          v.transform(Number),
          v.number(),
          v.integer(),
          v.minValue(1),
        ),
        '10',
      ),
    }),
  },
  {
    library: 'arktype',
    server: type({
      '+': 'reject',
      Root: 'string',
      MaxBytes: type('string.integer.parse').to('number >= 1').default('10'),
    }),
  },
];

describe.each(libraries)('a schema of $library', ({ server }) => {
  const schemas: Schemas = { FileServer: server };
  const options = { Root: '/srv', MaxBytes: 10 };

  it('makes the options of a section, with defaults and as other types', async () => {
    const app = await start('[FileServer]\nRoot: /srv', schemas);
    const transitions = app.get(TransitionsService);
    expect(transitions.options('FileServer')).toEqual(options);
    const text = app.get(TransitionsService).confMap!;
    const other = text.withOverrides(['FileServer.MaxBytes=20']);
    await transitions.signaled(other);
    expect(transitions.options('FileServer')).toEqual({
      ...options,
      MaxBytes: 20,
    });
  });

  it.each([
    [
      'a wrong value',
      'Root: /srv\nMaxBytes: 0',
      /x\.conf:3: FileServer\.MaxBytes: .*1/,
    ],
    [
      'several values for one',
      'Root: /srv, /b',
      /x\.conf:2: FileServer\.Root: .*string/,
    ],
    [
      'none for one',
      'Root:\nMaxBytes: 1',
      /x\.conf:2: FileServer\.Root: .*string/,
    ],
    [
      'an unknown option',
      'Root: /srv\nColour: red',
      /x\.conf:3: FileServer\.Colour: .*Colour/,
    ],
    [
      'a missing option that is misspelt',
      'MaxBytes: 1\nRoott: /srv',
      /x\.conf:1: FileServer\.Root: .*; is it Roott, misspelt\?/,
    ],
  ])('refuses %s, with its place', async (_what, own, message) => {
    await expect(start(`[FileServer]\n${own}`, schemas)).rejects.toThrow(
      message,
    );
  });

  it('refuses a section that is not there, if it needs an option', async () => {
    await expect(start('', schemas)).rejects.toThrow(
      /FileServer\.Root: .*; there is no section \[FileServer\]/,
    );
  });
});

const volume = z.looseObject({ Path: z.string(), Size: z.coerce.number() });

@Injectable()
@TransitionParticipant(1)
class Store implements TransitionCallbacks {
  readonly journal: string[] = [];

  constructor(private readonly transitions: TransitionsService) {}

  validate(confMap: ConfMap): void {
    this.note('validate', confMap);
  }

  serveVolume(confMap: ConfMap): void {
    this.note('serve', confMap);
  }

  volumeChanged(confMap: ConfMap): void {
    this.note('changed', confMap);
  }

  private note(what: string, confMap: ConfMap): void {
    const options = this.transitions.options('Volume:v', volume, confMap);
    expectTypeOf(options.Size).toBeNumber();
    this.journal.push(`${what} ${options.Path} ${options.Size + 1}`);
  }
}

describe('schemas', () => {
  it('add their problems to all others of meaning, before any participant is asked', async () => {
    const app = await start(
      '[Volume:v]\nPath: /v\nSize: 1',
      { 'Volume:*': volume },
      Store,
    );
    const { journal } = app.get(Store);
    journal.length = 0;
    const transitions = app.get(TransitionsService);
    const bad = transitions.confMap!.withOverrides([
      'Volume:v.Size=many',
      'VolumeGroup:g.PrimaryPeer=nobody',
    ]);
    await expect(transitions.signaled(bad)).rejects.toThrow(
      /2 problems:[^]*PrimaryPeer is nobody[^]*Volume:v\.Size: Invalid input/,
    );
    expect(journal).toEqual([]);
    expect(transitions.options('Volume:v')).toEqual({ Path: '/v', Size: 1 });
  });

  it('give a callback the options of the configuration that it got', async () => {
    const app = await start(
      '[Volume:v]\nPath: /v\nSize: 1',
      { 'Volume:*': volume },
      Store,
    );
    const source = new Text('[Volume:v]\nPath: /w\nSize: 2');
    await app.get(TransitionsService).signaled(await source.load());
    expect(app.get(Store).journal).toEqual([
      'validate /v 2',
      'serve /v 2',
      'validate /w 3',
      'changed /w 3',
    ]);
  });

  it('are asked by a dry run too', async () => {
    const source = new Text('[Own]\nx: 1');
    const app = await startApp(
      {},
      { source, schemas: { Own: z.object({ x: z.literal('1') }) } },
    );
    source.own = '[Own]\nx: 2';
    const { outcome, errors } = await app.get(ReloadService).dryRun();
    expect(outcome).toBe('rejected');
    expect(errors[0]?.message).toContain('x.conf:2: Own.x: Invalid input');
  });

  it('that answer later have callbackTimeout', async () => {
    const own = z.object({}).refine(() => new Promise<boolean>(() => {}));
    const starting = startApp(
      {},
      {
        source: new Text('[Own]\nx: 1'),
        schemas: { Own: own },
        callbackTimeout: 50,
        drainTimeout: 10,
      },
    );
    await expect(starting).rejects.toThrow(
      'x.conf:1: [Own]: its schema did not settle within 50 ms (callbackTimeout)',
    );
  });

  it('have no options while no configuration is in force', async () => {
    @Injectable()
    @TransitionParticipant(1)
    class Early {
      static message = '';

      constructor(private readonly transitions: TransitionsService) {}

      up(): void {
        try {
          this.transitions.options('Own');
        } catch (thrown) {
          Early.message = (thrown as Error).message;
        }
      }
    }
    await start('[Own]\nx: 1', { Own: z.object({}) }, Early);
    expect(Early.message).toBe(
      'options(Own) is refused while goingUp: no configuration is in force; in a callback, give the one that it got',
    );
  });

  it.each([
    [null, 'schemas is null; expected an object'],
    [
      { 'A*b': z.object({}) },
      "schemas has a schema for 'A*b'; expected the name of a section, or its beginning and *",
    ],
    [
      { Own: { x: 'string' } },
      'schemas has an object for Own; expected a Standard Schema, as zod, valibot and arktype make them',
    ],
  ])('that make no sense are refused: %j', async (schemas, message) => {
    await expect(start('', schemas as unknown as Schemas)).rejects.toThrow(
      message,
    );
  });
});
