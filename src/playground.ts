// The entry of the landing page's playground: a dedicated worker, which the page may end at any time.
import * as z from 'zod'

// Before any schema is made: zod must not try `new Function`, which the worker's policy forbids and would report.
// The rest is imported afterwards, since a bundler may put what is imported here into a file that runs first.
z.config({ jitless: true })
await import('./playground/serve.ts')
