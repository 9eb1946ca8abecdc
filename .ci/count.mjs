// Prints `N passed, N failed, N skipped` from the test runner's JSON report; exits 1 where a test or a file failed.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
// A file that cannot be loaded has no tests of its own to fail.
const unloadable = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
const failed = report.numFailedTests + unloadable
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`)
process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0
