// Adds up the test runners' reports and the failed steps, and prints CI's closing line.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

const [folder = '.enact/ci', failedSteps = '0'] = process.argv.slice(2)
let passed = 0
let failed = 0
let skipped = 0
for (const file of readdirSync(folder).filter((name) => name.startsWith('vitest-'))) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Report
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests
  // A file that could not even be loaded has no test to count.
  failed += report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0).length
}
if (passed === 0) failed++
failed += failed === 0 ? Number(failedSteps) : 0
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed > 0 ? 1 : 0)
