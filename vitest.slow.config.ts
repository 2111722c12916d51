// The slow suites: whole processes, crashes, load, browsers. CI runs them beside the README's test command.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/slow/**/*.test.ts', 'tests/browser/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.enact/ci/vitest-slow.json' }
  }
})
