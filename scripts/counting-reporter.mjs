// A reporter of vitest that writes how many tests passed, failed and were
// skipped to the file that TRANSITIONS_TEST_COUNTS names.
import { writeFileSync } from 'node:fs';

export default class CountingReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // A test still pending at the end never ran to its end: it failed.
        counts[state === 'pending' ? 'failed' : state] += 1;
      }
      // A file that does not load, or a hook of its, has no test to blame.
      counts.failed += countErrors(module);
    }
    const file = process.env.TRANSITIONS_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}

/** @param {import('vitest/node').TestModule} module */
function countErrors(module) {
  const suites = [module, ...module.children.allSuites()];
  return suites.filter((suite) => suite.errors().length > 0).length;
}
