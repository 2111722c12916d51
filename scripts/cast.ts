// Records `npx enact demo` as public/demo.cast (asciicast v2), and writes its last state as text into public/index.html. Nothing is made up: it is run.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { escapeHtml } from '../src/engine/index.ts'
import { piecesOf } from '../src/ui/landing/cast.ts'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const CAST = at('public/demo.cast')
const PAGE = at('public/index.html')
const COMMAND = 'npx enact demo'
const ESC = '\u001b'
// `1 BLOCK`, the word in whatever colours, at the beginning of a line.
const COLOURS = `(?:${ESC}\\[\\d+m)*`
const ACT = new RegExp(`^(\\d) ${COLOURS}([A-Z]+)`)
const NEXT_ACT = new RegExp(`(?=^\\d ${COLOURS}[A-Z])`, 'm')

type Event = [number, 'o' | 'm', string]

/** What the demo printed, and when. Throws where it did not end well. */
async function record(): Promise<Event[]> {
  const began = performance.now()
  const child = spawn(process.execPath, [at('src/cli/enact.mjs'), 'demo'], {
    env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const events: Event[] = [[0, 'o', `\u001b[90m$\u001b[39m ${COMMAND}\r\n`]]
  const take = (chunk: string) => {
    const seconds = Math.round(performance.now() - began) / 1000
    for (const part of chunk.split(NEXT_ACT)) {
      const act = ACT.exec(part)
      if (act !== null) events.push([seconds, 'm', `${act[1]} ${act[2]}`])
      events.push([seconds, 'o', withoutPlaces(part).replace(/\r?\n/g, '\r\n')])
    }
  }
  child.stdout.setEncoding('utf8').on('data', take)
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (status !== 0) throw new Error(`the demo ended with ${status}`)
  return events
}

/** Where this machine keeps its files is nobody's business. */
function withoutPlaces(text: string): string {
  return text.replaceAll(at('.'), '.').replaceAll(tmpdir(), '/tmp').replaceAll(homedir(), '~')
}

/** The recording's end as HTML, colours as classes. */
export function transcriptOf(events: readonly Event[]): string {
  const text = events
    .filter(([, kind]) => kind === 'o')
    .map(([, , data]) => data.replaceAll('\r\n', '\n'))
    .join('')
  return piecesOf(text.trimEnd())
    .map(({ text: piece, look }) =>
      look === ''
        ? escapeHtml(piece)
        : `<span class="${look
            .split(' ')
            .map((name) => `t-${name}`)
            .join(' ')}">${escapeHtml(piece)}</span>`
    )
    .join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const events = await record()
  const header = { version: 2, width: 80, height: 30, idle_time_limit: 2, title: COMMAND, env: { TERM: 'xterm-256color' } }
  writeFileSync(CAST, `${[header, ...events].map((line) => JSON.stringify(line)).join('\n')}\n`)
  const page = readFileSync(PAGE, 'utf8')
  const parts = /^([\s\S]*<!-- cast -->)[\s\S]*(<!-- \/cast -->[\s\S]*)$/.exec(page)
  if (parts === null) throw new Error('public/index.html has no place for the transcript')
  writeFileSync(PAGE, `${parts[1]}${transcriptOf(events)}${parts[2]}`)
  console.log(`${events.length} events: public/demo.cast, public/index.html`)
}
