// Imported before everything that has zod: it must not try `new Function`, which the page's policy forbids and would report.
import * as z from 'zod'

z.config({ jitless: true })
