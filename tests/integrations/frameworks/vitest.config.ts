// The frameworks' own suite: tests/slow/frameworks.test.ts installs them here and runs it.
import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['*.spec.ts'], testTimeout: 60_000, fileParallelism: false, reporters: ['default'] } })
