// Lists in Slack come in pages, and how often one may ask is counted: a search that would not end is given up, and says so.

const PAGE_SIZE = 1_000
const PAGES_MAX = 10

interface Page {
  readonly response_metadata?: { readonly next_cursor?: string } | undefined
}

/** Everything that `wanted` takes, from all pages; null where there are more pages than may be read. */
export async function everyPage<P extends Page, T>(
  ask: (page: { limit: number; cursor?: string }) => Promise<P>,
  itemsOf: (page: P) => readonly T[],
  wanted: (item: T) => boolean
): Promise<T[] | null> {
  const found: T[] = []
  let cursor = ''
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await ask({ limit: PAGE_SIZE, ...(cursor === '' ? {} : { cursor }) })
    found.push(...itemsOf(page).filter(wanted))
    cursor = page.response_metadata?.next_cursor ?? ''
    if (cursor === '') return found
  }
  return null
}
