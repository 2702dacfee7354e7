// A process in which everything happens for the first time, as in a service that
// has just started: it parses its configuration, boots and reloads once, and prints
// ColdStays: `node process.js [fails]`. With `fails` the last serveVolume of the
// reload fails, which is rolled back.
import { ConfMap } from 'nestjs-transitions';
import { Service } from '../beside-reload/service.js';
import { makeTexts, referenceShape } from '../configuration.js';
import { stayOf, type Stay } from '../event-loop.js';

/** What each of them took. */
export interface ColdStays {
  readonly parse: Stay;
  readonly up: Stay;
  readonly reload: Stay;
}

const fails = process.argv[2] === 'fails';
const texts = makeTexts(referenceShape);

let before: ConfMap | undefined;
const parse = await stayOf(() => (before = ConfMap.parse(texts.before)));
const previous = before!;
const after = ConfMap.parse(texts.after, { previous });
const confMaps = { before: previous, after };
let service: Service | undefined;
const up = await stayOf(async () => {
  service = await Service.up(confMaps, 'at once');
});
const { serveCalls } = service!;
const reload = await stayOf(() =>
  fails
    ? service!.reloadFailing((call) => call === serveCalls, 'rolledBack')
    : service!.reload(after),
);
process.stdout.write(JSON.stringify({ parse, up, reload } satisfies ColdStays));
