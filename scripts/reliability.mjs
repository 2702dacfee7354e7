// Holds the list of what is tried (reliability-rows.mjs) and the tests
// together: every number has a test with it in its title, or a reason why not,
// and no test has a number that is not listed. `--write` brings the list in
// docs/reliability.md up to date; without it, an old list is an error.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rows, untested } from './reliability-rows.mjs';

const workspace = new URL('../', import.meta.url);
const page = new URL('docs/reliability.md', workspace);
const begin = '<!-- the list: node scripts/reliability.mjs --write -->';
const end = '<!-- the end of the list -->';

/** Before a title, or in brackets at its end. */
const numbersInTitles =
  /['"`](?:[FI]\d+[ ,]+)+|[([](?:[FI]\d+(?:, )?)+[)\]](?=['"`])/g;

const tests = collect();
const problems = [...missing(), ...unlisted()];
const written = readFileSync(page, 'utf8');
const current = withList(written);
if (process.argv.includes('--write')) writeFileSync(page, current);
else if (current !== written) {
  problems.push(
    'docs/reliability.md is out of date; run node scripts/reliability.mjs --write',
  );
}
for (const problem of problems) console.error(problem);
const covered = Object.keys(rows).filter((number) => tests.has(number));
console.log(`${covered.length} of ${Object.keys(rows).length} numbers tested`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The spec files that have each number in a title. */
function collect() {
  const found = new Map();
  for (const file of specFiles()) {
    const source = readFileSync(new URL(file, workspace), 'utf8');
    for (const [numbers] of source.matchAll(numbersInTitles)) {
      for (const [number] of numbers.matchAll(/[FI]\d+/g)) {
        found.set(number, (found.get(number) ?? new Set()).add(file));
      }
    }
  }
  return found;
}

function specFiles() {
  return ['libs', 'apps', 'test'].flatMap((folder) =>
    readdirSync(new URL(folder, workspace), { recursive: true })
      .map((file) => `${folder}/${String(file).replaceAll('\\', '/')}`)
      .filter((file) =>
        /^(?!.*(node_modules|dist)\/).*\.(spec|contract)\.ts$/.test(file),
      ),
  );
}

function missing() {
  return Object.keys(rows)
    .filter((number) => !tests.has(number) && !(number in untested))
    .map((number) => `${number} (${rows[number]}) has no test and no reason`);
}

function unlisted() {
  return [...tests]
    .filter(([number]) => !(number in rows))
    .map(([number, files]) => `${number} is not listed: ${[...files].join()}`);
}

/** @param {string} text */
function withList(text) {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`docs/reliability.md lacks ${begin} or ${end}`);
  }
  const list = Object.entries(rows).map(([number, what]) => {
    const files = [...(tests.get(number) ?? [])].sort((a, b) =>
      a < b ? -1 : 1,
    );
    const where =
      files.length === 0
        ? `not tested: ${untested[number]}`
        : files.map((file) => `\`${file}\``).join(', ');
    return `- **${number}** ${what}: ${where}`;
  });
  return `${before}${begin}\n\n${list.join('\n')}\n\n${end}${after}`;
}
