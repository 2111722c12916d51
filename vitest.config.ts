import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/edge/**', 'tests/slow/**'],
          testTimeout: 20_000
        }
      }
    ]
  }
})
