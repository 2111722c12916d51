// The page of an installation that refuses to serve: what is wrong and what to do, in plain HTML.
import { escapeHtml, type Hash } from '../../engine/index.ts'
import type { Answer } from '../problem.ts'
import { page } from './page.ts'

/** The refusal as a page, status 503. The text is escaped. */
export function refusalPage(hash: Hash, refusal: string): Answer {
  const body = `<p class="status">${escapeHtml(refusal)}</p>
<p>Until then every request is refused: an installation that cannot sign its receipts must not act.</p>`
  return page(hash, 503, { title: 'Enact is not configured', body })
}
