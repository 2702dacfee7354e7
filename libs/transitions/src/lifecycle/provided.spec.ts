import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { expect, it, vi } from 'vitest';
import { startApp } from '../testing/started-app.js';
import { provided } from './provided.js';

class Wheel {
  readonly spokes = 36;
}
class Car {
  constructor(readonly wheel: Wheel) {}
}

/** The classes whose methods Nest looks through while an application starts. */
async function lookedThrough(run: () => Promise<unknown>): Promise<string[]> {
  const scan = vi.spyOn(MetadataScanner.prototype, 'getAllMethodNames');
  try {
    await run();
    const names = scan.mock.calls.map(([prototype]) => {
      const { constructor } = prototype as object;
      return constructor.name;
    });
    return [...new Set(names)].toSorted();
  } finally {
    scan.mockRestore();
  }
}

it('Nest looks through the methods of the classes of the application, and of none of ours', async () => {
  @Injectable()
  class Store {
    write(): void {}
  }
  expect(await lookedThrough(() => startApp({ providers: [Store] }))).toEqual([
    // Nest's own.
    'Reflector',
    'Store',
  ]);
});

it('what is provided is made once, with what its constructor takes', async () => {
  const app = await startApp({
    providers: [provided(Wheel), provided(Car, Wheel)],
  });
  expect(app.get(Car)).toBeInstanceOf(Car);
  expect(app.get(Car).wheel).toBe(app.get(Wheel));
});

it('what does not fit a parameter does not compile', () => {
  class Boat {
    readonly sail = 'white';
  }
  class Harbour {
    constructor(readonly boat: Boat) {}
  }
  // @ts-expect-error -- a Wheel is no Boat
  expect(provided(Harbour, Wheel).inject).toEqual([Wheel]);
  // @ts-expect-error -- one is missing
  expect(provided(Harbour).inject).toEqual([]);
});
