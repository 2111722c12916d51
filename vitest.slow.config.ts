// The slow suites: whole processes, crashes, load, browsers. CI runs them beside the README's test command.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/slow/**/*.test.ts', 'tests/browser/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    // Keys that a test presses in a browser may come a frame too early on a loaded machine; what is really broken fails twice.
    retry: process.env.CI ? 1 : 0,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.enact/ci/vitest-slow.json' }
  }
})
