import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InStep } from './in-step.js';

const recordsOf = (names: readonly string[]) => names.map((name) => ({ name }));

describe('InStep', () => {
  it('finds exactly what the list has, whatever is asked for and in whatever order', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const names = fc.uniqueArray(letter);
    const asked = fc.array(letter);
    fc.assert(
      fc.property(names, asked, (has, asks) => {
        const records = recordsOf(has);
        const inStep = new InStep(records);
        expect(asks.map((name) => inStep.find(name))).toEqual(
          asks.map((wanted) => records.find(({ name }) => name === wanted)),
        );
      }),
    );
  });

  it('goes on in step after what is gone, and reads no name twice as long as all come in turn', () => {
    let reads = 0;
    const records = ['a', 'b', 'c', 'd'].map((name) => ({
      get name() {
        reads++;
        return name;
      },
    }));
    const inTurn = new InStep(records);
    for (const name of ['a', 'b', 'c', 'd']) inTurn.find(name);
    expect(reads).toBe(4);
    const skipping = new InStep(records);
    skipping.find('b');
    reads = 0;
    for (const name of ['c', 'd']) skipping.find(name);
    expect(reads).toBe(2);
  });
});
