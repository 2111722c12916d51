// `enact receipts export`: writes one file, whole or not at all, or to standard output.
import { randomUUID } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { csvLines } from '../../engine/receipt_csv.ts'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer } from '../exit.ts'
import { exportLines, exportObject } from './export_format.ts'
import type { ExportEntry } from './export_format.ts'
import { exportZip } from './export_zip.ts'
import { counted } from './show.ts'
import { sourceFor } from './source.ts'
import type { Export, RawQuery, SourceOptions } from './source.ts'

interface ExportOptions extends SourceOptions {
  readonly format?: string
  readonly out?: string
  readonly json?: boolean
}

/** format → the lines of the file. */
const FORMATS: Readonly<Record<string, (found: Export, entries: AsyncIterable<ExportEntry>) => AsyncIterable<string>>> = {
  ndjson: ({ header }, entries) => exportLines(header, entries),
  json: ({ header }, entries) => exportObject(header, entries),
  csv: (_, entries) => csvLines(entries)
}

/** Exports what the filter finds; receipts that are not whole are told and end the command with exit code 5. */
export async function exportReceipts(filter: RawQuery, options: ExportOptions, context: Context): Promise<void> {
  if (options.format === 'zip') return exportZip(filter, options, context)
  const format = Object.hasOwn(FORMATS, options.format ?? '') ? FORMATS[options.format!] : undefined
  if (format === undefined) throw exit('usage', `--format \`${options.format}\`: must be ${[...Object.keys(FORMATS), 'zip'].join(', ')}`)
  if (options.json && options.out === undefined)
    throw exit('usage', '--json prints the summary of an export to --out; for JSON itself use --format json')
  const found = await sourceFor(options, context).export(filter)
  let count = 0
  const counting = async function* () {
    for await (const entry of found.entries) {
      count++
      yield entry
    }
  }
  const lines = format(found, counting())
  if (options.out === undefined) for await (const line of lines) await context.out(line)
  else
    await writeWhole(options.out, async (handle) => {
      for await (const line of lines) await handle.write(`${line}\n`)
    })
  const summary = { file: options.out ?? null, format: options.format, receipts: count, problems: found.problems }
  if (options.json) context.json(summary)
  else if (options.out !== undefined) context.note(`${counted(count)} written to ${options.out}`)
  if (found.problems.length > 0) throw exitAfterAnswer('verification', `not everything is whole: ${found.problems.join('; ')}`)
}

/** Readable by this user alone; the file appears under its name once it is whole. */
export async function writeWhole(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`
  try {
    const handle = await open(unfinished, 'wx', 0o600)
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await unlink(unfinished).catch(() => undefined)
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw exit('usage', `\`${path}\` cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}
