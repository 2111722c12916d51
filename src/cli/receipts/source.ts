// Where the commands read receipts: a folder on this machine, or an installation over HTTP.
import { previousSecretsOf } from '../../adapters/keys/index.ts'
import type { Receipt, ReceiptPage } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import type { Evidence, ExportEntry, ExportHeader } from './export_format.ts'
import { folderSource } from './folder_source.ts'
import { httpSource } from './http_source.ts'

/** A filter or query as it is typed: names and texts, already checked against the engine's schema. */
export type RawQuery = Readonly<Record<string, string>>

/** An export on its way: `entries` may be read once. */
export interface Export {
  readonly header: ExportHeader
  readonly entries: AsyncIterable<ExportEntry>
  /** What could not be exported, known once `entries` has been read. */
  readonly problems: readonly string[]
}

/** Reads receipts; changes nothing. */
export interface ReceiptSource {
  list(query: RawQuery): Promise<ReceiptPage>
  get(runId: string, revision?: number): Promise<Receipt | null>
  export(filter: RawQuery): Promise<Export>
  /** Everything there is to check: of one run, or of all. */
  evidence(runId: string | null): Promise<Evidence>
}

/** The options by which a source is chosen. */
export interface SourceOptions {
  readonly dir?: string
  readonly url?: string
  readonly key?: string
}

/** The source that the options name, else the one that the environment names; ends the command where there is none. */
export function sourceFor(options: SourceOptions, context: Context): ReceiptSource {
  if (options.dir !== undefined && options.url !== undefined) throw exit('usage', 'give --dir or --url, not both')
  if (options.dir !== undefined) return folderSource(options.dir, context)
  const url = options.url ?? context.env.ENACT_URL
  if (url !== undefined && url !== '') return httpSource(url, options.key ?? context.env.ENACT_API_KEY, context)
  throw exit('usage', 'say where the receipts are: --dir <folder>, or --url <address> (or ENACT_URL) with --key (or ENACT_API_KEY)')
}

/** `ENACT_SECRET` and its predecessors; null where it is not set. */
export function secretsOf(context: Context): [string, ...string[]] | null {
  const secret = context.env.ENACT_SECRET
  if (!secret) return null
  return [secret, ...previousSecretsOf(context.env.ENACT_SECRET_PREVIOUS)]
}
