/** Adds up the JSON reports of vitest and prints `N passed, N failed`; exits 1 when anything failed, or a run is missing or ran nothing. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '', runs, status] = process.argv.slice(2)
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))

const sum = (count) => reports.reduce((total, report) => total + count(report), 0)
const passed = sum((report) => report.numPassedTests)
// A file that does not load has no tests to fail; it counts as one that did.
const unloaded = ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0
let failed = sum((report) => report.numFailedTests + report.testResults.filter(unloaded).length)
// Lint, types, dead code, a build, or a run that never came to its tests have no report of their own.
const complete = reports.length === Number(runs) && reports.every((report) => report.numPassedTests > 0)
if (failed === 0 && (status !== '0' || !complete)) failed = 1

process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
