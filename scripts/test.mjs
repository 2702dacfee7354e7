// `npm test`: brings the workspace up to date, runs the tests with vitest, and
// closes with the line "N passed, N failed, N skipped".
//
// Arguments go to vitest: `npm test -- libs/conf -t include`. `--long` sets
// TRANSITIONS_TEST_LONG=1, by which tests multiply their number of runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareWorkspace, workspace } from './prepare-workspace.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--long');
if (args.length + 2 < process.argv.length)
  process.env.TRANSITIONS_TEST_LONG = '1';

prepareWorkspace();
const { counts, status } = runVitest();
console.log(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = exitCode();

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-test-'));
  const countsFile = join(folder, 'counts.json');
  try {
    const run = spawnSync(
      process.execPath,
      [
        join(workspace, 'node_modules/vitest/vitest.mjs'),
        'run',
        ...reporters(),
        ...args,
      ],
      {
        cwd: workspace,
        stdio: 'inherit',
        env: { ...process.env, TRANSITIONS_TEST_COUNTS: countsFile },
      },
    );
    return { status: run.status ?? 1, counts: readCounts(countsFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reporters given as an argument replace vitest's own, not the counting one. */
function reporters() {
  const counting = '--reporter=./scripts/counting-reporter.mjs';
  return args.some((arg) => arg.startsWith('--reporter'))
    ? [counting]
    : ['--reporter=default', counting];
}

function readCounts(file) {
  return existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0 };
}

function exitCode() {
  if (status !== 0) return status;
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}
