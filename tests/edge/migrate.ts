// Brings the test database to the newest migration, once per file.
import type { D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

declare global {
  namespace Cloudflare {
    interface Env {
      ENACT_SECRET: string
      MIGRATIONS: D1Migration[]
    }
  }
}

// In one go: each statement by itself, as wrangler does it, would take longer than most files of tests.
await env.DB.batch(env.MIGRATIONS.flatMap(({ queries }) => queries).map((query) => env.DB.prepare(query)))
