// The frame of every page that the Worker itself draws: readable on a phone, no script, nothing from elsewhere, never framed.
import { base64, escapeHtml, type Hash } from '../../engine/index.ts'
import type { Answer } from '../problem.ts'

/** The colours of public/tokens.css: this page loads nothing, so it has them itself. A test holds the two together. */
const LIGHT =
  '--bg:#fbfbfc;--surface:#fff;--sunk:#f3f4f6;--line:#dfe2e7;--control:#7d8590;--text:#16191d;--muted:#545b66;--accent:#3446c9;--on-accent:#fff;' +
  '--pass:#136c36;--pass-bg:#e4f6ea;--block:#b3191c;--block-bg:#fdeaea;--held:#82520a;--held-bg:#fdf3dc;--undone:#5b3fb5;--undone-bg:#f0ebff'
const DARK =
  '--bg:#0d1117;--surface:#151b23;--sunk:#0a0e13;--line:#2b323b;--control:#6b7480;--text:#e9edf2;--muted:#a4adb8;--accent:#98a6ff;--on-accent:#0d1117;' +
  '--pass:#5fd08b;--pass-bg:#11301f;--block:#ff9492;--block-bg:#3a1618;--held:#f0bb5a;--held-bg:#33270d;--undone:#c4b0ff;--undone-bg:#251c40'

const STYLE = `:root{color-scheme:light dark;${LIGHT};--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
@media(prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:40rem;padding:1rem 1.1rem 3rem;background:var(--bg);color:var(--text);font:1rem/1.5 Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;overflow-wrap:anywhere;-webkit-text-size-adjust:100%;text-size-adjust:100%}
header{display:flex;justify-content:space-between;align-items:center;gap:1rem;min-height:2rem;font-weight:700}
header span:first-child{display:flex;align-items:center;gap:.4rem}svg{fill:currentColor}
h1{margin:1rem 0 .35rem;font-size:1.6rem;line-height:1.2;letter-spacing:-.015em}h2{margin:0 0 .35rem;font-size:.88rem;color:var(--muted)}
p{margin:0 0 .5rem}a{color:var(--accent)}:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
code,pre,textarea.code{font-family:var(--mono)}h1 code{font-size:.9em}
.sub,.note,dt{color:var(--muted)}.sub{margin-bottom:1rem}.note{font-size:.9rem;margin-top:.9rem;text-align:center}.status{font-weight:600}
.card{border:1px solid var(--line);border-radius:10px;background:var(--surface)}.card section{padding:.85rem 1rem;border-top:1px solid var(--line)}.card section:first-child{border-top:0}
dl{margin:0}dt{font-size:.88rem;margin-top:.5rem}dl>dt:first-child{margin-top:0}dd{margin:0}.deny-text{color:var(--block)}pre+dl{margin-top:.7rem}
.short{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.2rem 1rem;font-size:.88rem}.short dt{margin:0}.card details{margin-top:.5rem}
pre{margin:.2rem 0 0;padding:.6rem .75rem;border:1px solid var(--line);border-radius:8px;background:var(--sunk);white-space:pre-wrap;font-size:.82rem;line-height:1.5}
.gone,.new{display:block;margin:0 -.75rem;padding:0 .75rem}.gone{color:var(--block);background:var(--block-bg)}.new{color:var(--pass);background:var(--pass-bg)}
.badge{display:inline-block;padding:.1rem .6rem;border-radius:99px;font-size:.85rem;font-weight:600;color:var(--muted);background:var(--sunk)}
.held{color:var(--held);background:var(--held-bg)}.block{color:var(--block);background:var(--block-bg)}.undone{color:var(--undone);background:var(--undone-bg)}.pass{color:var(--pass);background:var(--pass-bg)}
form{margin-top:1rem}label{display:block;margin-bottom:.25rem;color:var(--muted);font-size:.9rem}
textarea,input{display:block;width:100%;min-height:2.75rem;padding:.55rem .7rem;border:1px solid var(--control);border-radius:8px;background:var(--bg);color:var(--text);font:inherit}textarea.code{font-size:.85rem}
button{display:block;width:100%;min-height:3.25rem;margin-top:.65rem;border:1px solid var(--control);border-radius:8px;background:var(--surface);color:var(--text);font:inherit;font-weight:600;cursor:pointer}
button.approve{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}button.deny{color:var(--block);border-color:currentColor}
details{margin-top:.9rem;padding-top:.4rem;border-top:1px solid var(--line)}summary{padding:.5rem 0;cursor:pointer;font-weight:600}`

const MARK =
  '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 1h10v2H3zm0 3h10v2H3zm0 3h10v2H3zm0 3h10v2H3zm0 3h10v2H3z"/></svg>'

/** What a page is made of. INVARIANT: `heading`, `corner` and `body` are HTML in which every text of others is escaped; `title` is text. */
export interface Leaf {
  readonly title: string
  readonly heading?: string
  /** Beside the name: how long there is time. */
  readonly corner?: string
  readonly body: string
}

/** A page, with the one policy that lets its own style in and nothing else. */
export function page(hash: Hash, status: number, { title, heading, corner = '', body }: Leaf): Answer {
  const style = base64(hash.sha256(hash.utf8(STYLE)))
  return {
    status,
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<header><span>${MARK}Enact</span>${corner}</header>
<main>
<h1>${heading ?? escapeHtml(title)}</h1>
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
