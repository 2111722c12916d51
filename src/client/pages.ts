// Lists that come in pages, one item after the other.
import { EnactError } from './errors.ts'
import type { CallOptions, Transport } from './transport.ts'

interface Page {
  readonly data: readonly unknown[]
  readonly next_cursor: string | null
  readonly has_more: boolean
}

/** Every item of a list, each page fetched when it is needed. A list that does not go on where it says so is a `bad_answer`. */
export async function* pages<T>(
  send: Transport,
  path: string,
  filter: Readonly<Record<string, string | number | undefined>>,
  options: CallOptions
): AsyncGenerator<T, void, void> {
  const seen = new Set<string>()
  for (let cursor: string | undefined; ;) {
    const { body } = await send({ method: 'GET', path, query: { ...filter, cursor }, ...options })
    const page = body as Partial<Page> | undefined
    if (!Array.isArray(page?.data)) throw new EnactError('bad_answer', `\`${path}\` did not answer with a page`)
    yield* page.data as T[]
    if (page.has_more !== true) return
    const next = page.next_cursor
    if (typeof next !== 'string' || seen.has(next)) throw new EnactError('bad_answer', `\`${path}\` has more, but not where it says`)
    seen.add(next)
    cursor = next
  }
}
