// Writes docs/guide/demo.md: what `npx enact demo` really prints, with ids and time masked. With `--check` it writes nothing and fails where the page is stale.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
export const PAGE = at('docs/guide/demo.md')
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** The page for this output of the demo, the same for every run that said the same. */
export function pageOf(output: string): string {
  return `# The demo

\`npx enact demo\` starts a real Postgres (47 rows) and the Worker in workerd, with D1 and Durable Objects, in a temporary folder. It needs no
credentials and no network, and leaves nothing behind. An agent then asks the edge endpoint over HTTP, three times; rows are counted in
Postgres itself, past Enact. At the end every receipt is checked from files, by \`enact receipts verify\`, with the Worker stopped.

\`\`\`text
$ npx enact demo
${masked(output).trimEnd()}
\`\`\`

It ends with exit code 0 only when every check held.

- \`--json\` prints one object for programs: for each act decision, outcome, run id, rows and checksums before and after, the receipt, and whether it verified.
- \`--out <folder>\` keeps the receipts, the published keys, the signed checkpoint, and the copy with one byte changed (\`changed.ndjson\`), to be verified again by hand.
- \`--keep\` leaves Worker and Postgres running, and prints the address and the agent's key; Ctrl-C ends them.

The ids and the time above are masked; the rest is what was printed. \`node scripts/demo_transcript.ts\` writes this page anew.
`
}

/** Ids in the order of their appearance, and the time rounded to nothing. */
function masked(output: string): string {
  const ids = new Map<string, string>()
  const mask = (id: string) => {
    const known = ids.get(id) ?? `01980000-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`
    ids.set(id, known)
    return known
  }
  return output.replace(UUID, mask).replace(/ in \d+\.\d s\.$/m, ' in 0.0 s.')
}

function main(): void {
  const { stdout, stderr, status } = spawnSync(process.execPath, [at('src/cli/enact.mjs'), 'demo'], {
    env: { ...process.env, NO_COLOR: '1' },
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`the demo failed:\n${stdout}${stderr}`)
  const page = pageOf(stdout)
  if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
  else if (readFileSync(PAGE, 'utf8') !== page) throw new Error('docs/guide/demo.md is stale: run `node scripts/demo_transcript.ts`')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
