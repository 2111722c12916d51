// The frame of every page that a person decides on: readable on a phone, no script, nothing from elsewhere, never framed.
import { base64, escapeHtml, type Hash } from '../../engine/index.ts'
import type { Answer } from '../problem.ts'

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:44rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.3rem;line-height:1.25}dl{margin:1rem 0}dt{font-weight:600;margin-top:.8rem}dd{margin:0}
pre{margin:.2rem 0;padding:.6rem;border:1px solid #8888;border-radius:.4rem;white-space:pre-wrap;font-size:.85rem}
textarea,input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem}
textarea.code{font-family:ui-monospace,monospace;font-size:.85rem}
button{font:inherit;font-weight:600;min-height:3rem;padding:0 1.5rem;margin:.6rem .6rem 0 0;border:0;border-radius:.4rem;color:#fff;background:#4b5563}
button.approve{background:#15803d}button.deny{background:#b91c1c}
details{margin-top:1.5rem}summary{padding:.6rem 0}.note{color:#6b7280}.status{font-weight:600}`

/** A page. `body` is HTML in which every text of others is escaped. */
export function page(hash: Hash, status: number, title: string, body: string): Answer {
  const style = base64(hash.sha256(hash.utf8(STYLE)))
  return {
    status,
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</html>
`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
    }
  }
}
