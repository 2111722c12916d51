// Imported before everything else: zod must not try `new Function`, which the worker's policy forbids and would report.
import * as z from 'zod'

z.config({ jitless: true })
