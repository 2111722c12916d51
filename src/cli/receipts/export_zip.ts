// `enact receipts export --format zip`: has an installation make a compliance export, says how far it is, and fetches it whole or not at all.
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { ReceiptFilter, timeText } from '../../engine/index.ts'
import { apiAt } from '../api.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { writeWhole } from './export.ts'
import type { RawQuery, SourceOptions } from './source.ts'

interface ZipOptions extends SourceOptions {
  readonly out?: string
  readonly json?: boolean
}

const Progress = z.looseObject({
  export_id: z.uuid(),
  status: z.enum(['RUNNING', 'DONE', 'FAILED']),
  done: z.int(),
  total: z.int(),
  size_bytes: z.int().nullable(),
  detail: z.string().nullable()
})

const FIRST_WAIT_MS = 100
const WAIT_MS_MAX = 2_000

/** The period is `--from` to `--to`, by default everything up to now; no other filter makes sense for something that claims to be complete. */
export async function exportZip(filter: RawQuery, options: ZipOptions, context: Context): Promise<void> {
  const { from: _from, to: _to, ...others } = filter
  if (Object.keys(others).length > 0) throw exit('usage', 'a compliance export is of a period: only --from and --to may be given')
  const url = options.url ?? context.env.ENACT_URL
  if (options.dir !== undefined || !url) throw exit('usage', 'an installation makes a compliance export: give --url (or ENACT_URL)')
  if (options.out === undefined) throw exit('usage', 'say where to write the ZIP: --out <file>')
  const { from = 0, to = Date.now() } = ReceiptFilter.parse(filter)
  const api = apiAt(url, options.key ?? context.env.ENACT_API_KEY, context)
  let export_ = await api.post('/exports', { from: timeText(from), to: timeText(to) }, Progress)
  const id = export_?.export_id ?? ''
  let told = ''
  for (let wait = FIRST_WAIT_MS; export_?.status === 'RUNNING'; wait = Math.min(wait * 1.5, WAIT_MS_MAX)) {
    await pause(wait)
    export_ = await api.get(`/exports/${id}`, Progress)
    const line = export_ === null ? '' : `${bar(export_.done, export_.total)} ${export_.done} of ${export_.total} entries`
    if (line !== told && line !== '') context.note((told = line))
  }
  if (export_ === null) throw exit('unexpected', 'the installation makes no compliance exports, or this one was deleted meanwhile')
  if (export_.status === 'FAILED') throw exit('unexpected', `the export failed: ${export_.detail ?? 'no reason was given'}`)
  const bytes = await api.bytes(`/exports/${id}/file`)
  await writeWhole(options.out, async (handle) => {
    for await (const chunk of bytes) await handle.writeFile(chunk)
  })
  if (options.json)
    context.json({ file: options.out, format: 'zip', export_id: id, size_bytes: export_.size_bytes, entries: export_.total })
  else context.note(`${export_.total} entries written to ${options.out}; check it with \`enact receipts verify ${options.out}\``)
}

/** Twenty characters of progress. */
function bar(done: number, total: number): string {
  const filled = total === 0 ? 20 : Math.floor((20 * done) / total)
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]`
}
