/**
 * Prints "<passed> <failed>" of a vitest report in JSON, "0 0" when there is none because the run ended early. A file
 * that failed before its first test counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: count-tests.mjs <report.json>');

/** @type {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: unknown[] }[] }} */
const report = existsSync(path)
  ? JSON.parse(readFileSync(path, 'utf8'))
  : { numPassedTests: 0, numFailedTests: 0, testResults: [] };
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
process.stdout.write(`${report.numPassedTests} ${report.numFailedTests + brokenFiles.length}\n`);
