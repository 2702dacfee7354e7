import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashOf, SectionIndex } from './section-index.js';

interface Named {
  readonly name: string;
}

const named = (name: string): Named => ({ name });

/** Claims a place for a name, and adds it to the sections where it got one. */
function claim(index: SectionIndex, sections: Named[], name: string) {
  const taken = index.claim(name, sections);
  if (taken === undefined) sections.push(named(name));
  return taken;
}

it('gives the places of a map from names to places, however the names came to it', () => {
  // Few, so that they meet often, and that no two of them ever have equal
  // hashes.
  const name = fc.string({
    unit: fc.constantFrom('a', 'b', 'ü'),
    maxLength: 3,
  });
  const before = fc.uniqueArray(name, { maxLength: 30 });
  const step = fc.oneof(
    name,
    fc.record({ from: fc.nat(30), length: fc.nat(10) }),
    fc.array(name, { maxLength: 40 }),
  );
  fc.assert(
    fc.property(before, fc.array(step), name, (names, steps, other) => {
      const previous = SectionIndex.of(names.map(named));
      const sections: Named[] = [];
      const index = new SectionIndex();
      const places = new Map<string, number>();
      const place = (each: string): number | undefined => {
        const taken = places.get(each);
        if (taken === undefined) places.set(each, places.size);
        return taken;
      };
      const answers = steps.map((each) => {
        if (typeof each === 'string') {
          return [claim(index, sections, each), place(each)];
        }
        const known = !Array.isArray(each);
        const row = known
          ? names.slice(each.from, each.from + each.length)
          : each;
        const claimed = known
          ? index.claimRow(previous.hashes, each.from, each.from + row.length)
          : index.claimRow(row.map(hashOf), 0, row.length);
        sections.push(...row.slice(0, claimed).map(named));
        const taken = row.findIndex((free) => place(free) !== undefined);
        return [claimed, taken < 0 ? row.length : taken];
      });
      for (const [answer, expected] of answers) expect(answer).toBe(expected);
      for (const each of [...names, ...places.keys(), other]) {
        expect(index.find(each, sections)).toBe(places.get(each));
      }
    }),
  );
});

it('tells names apart whose hashes are equal', () => {
  // Of so many names some twenty pairs have equal hashes, of 32 bits.
  const sections: Named[] = [];
  const index = new SectionIndex();
  let taken = 0;
  for (let i = 0; i < 400_000; i++) {
    if (claim(index, sections, `Volume:${i}`) !== undefined) taken++;
  }
  let wrong = 0;
  for (let i = 0; i < sections.length; i++) {
    if (index.find(`Volume:${i}`, sections) !== i) wrong++;
  }
  expect({ taken, wrong }).toEqual({ taken: 0, wrong: 0 });
});
