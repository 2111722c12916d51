// The page of an installation that refuses to serve: what is wrong and what to do, in plain HTML.
import { escapeHtml } from '../../engine/index.ts'
import type { Answer } from '../problem.ts'

/** The refusal as a page, status 503. The text is escaped. */
export function refusalPage(refusal: string): Answer {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Enact is not configured</title>
<h1>Enact is not configured</h1>
<p>${escapeHtml(refusal)}</p>
<p>Until then every request is refused: an installation that cannot sign its receipts must not act.</p>
</html>
`
  return { status: 503, body, headers: { 'content-type': 'text/html; charset=utf-8' } }
}
