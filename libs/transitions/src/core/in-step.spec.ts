import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InStep } from './in-step.js';

const mapOf = (names: readonly string[]) =>
  new Map(names.map((name) => [name, { name }]));

describe('InStep', () => {
  it('finds exactly what the map has, whatever is asked for and in whatever order', () => {
    const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const names = fc.uniqueArray(letter);
    const asked = fc.array(letter);
    fc.assert(
      fc.property(names, asked, (has, asks) => {
        const map = mapOf(has);
        const inStep = new InStep(map);
        expect(asks.map((name) => inStep.find(name))).toEqual(
          asks.map((name) => map.get(name)),
        );
      }),
    );
  });

  it('looks nothing up that is asked for in order, once what is gone is skipped', () => {
    const lookedUp: string[] = [];
    class WatchedMap extends Map<string, { readonly name: string }> {
      override get(name: string) {
        lookedUp.push(name);
        return super.get(name);
      }
    }
    const map = new WatchedMap(mapOf(['a', 'b', 'c', 'd', 'e']));
    const inStep = new InStep(map);
    for (const name of ['a', 'c', 'd', 'new', 'e']) inStep.find(name);
    expect(lookedUp).toEqual(['c', 'new']);
  });
});
