// An asciicast (version 2) as text with colours: what a terminal that only ever prints lines would show.

/** A piece of one look. */
export interface Piece {
  readonly text: string
  /** `bold red`: the names that landing.css has as `.t-bold`, `.t-red`. */
  readonly look: string
}

/** A recording: what is printed when, in milliseconds, and where each act begins. */
export interface Recording {
  readonly frames: readonly { readonly atMs: number; readonly text: string }[]
  readonly acts: readonly { readonly atMs: number; readonly title: string }[]
  readonly lengthMs: number
}

const LOOKS: Readonly<Record<string, string>> = { 1: 'bold', 31: 'red', 32: 'green', 33: 'yellow', 36: 'cyan', 90: 'gray' }
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[([0-9;]*)m/
// oxlint-disable-next-line no-control-regex
const OTHER_CONTROLS = /\u001b\[[0-9;?]*[A-LN-Za-ln-z]|[\u0000-\u0008\u000b-\u001a\u007f]/g

/** Reads it; throws where it is not one. Longer waits than `idleMs` are cut to that. */
export function readCast(text: string, idleMs = 2_000): Recording {
  const [first = '', ...lines] = text.trim().split('\n')
  if ((JSON.parse(first) as { version?: unknown }).version !== 2) throw new Error('this is not an asciicast of version 2')
  const frames: { atMs: number; text: string }[] = []
  const acts: { atMs: number; title: string }[] = []
  let [before, atMs] = [0, 0]
  for (const line of lines) {
    const [seconds, kind, data] = JSON.parse(line) as [number, string, string]
    atMs += Math.min(Math.max(seconds * 1000 - before, 0), idleMs)
    before = seconds * 1000
    if (kind === 'o') frames.push({ atMs, text: data.replace(/\r\n/g, '\n') })
    else if (kind === 'm') acts.push({ atMs, title: data })
  }
  return { frames, acts, lengthMs: atMs }
}

/** Everything that was printed up to then. */
export function screenAt({ frames }: Recording, atMs: number): Piece[] {
  return piecesOf(
    frames
      .filter((frame) => frame.atMs <= atMs)
      .map(({ text }) => text)
      .join('')
  )
}

/** Text with SGR colours, in pieces of one look; every other control is left out. */
export function piecesOf(text: string): Piece[] {
  const parts = text.replace(OTHER_CONTROLS, '').split(COLOUR)
  const looks = new Set<string>()
  const pieces: Piece[] = []
  for (const [at, part] of parts.entries()) {
    if (at % 2 === 0) {
      if (part !== '') pieces.push({ text: part, look: [...looks].join(' ') })
      continue
    }
    for (const code of part.split(';')) {
      if (code === '' || code === '0') looks.clear()
      else if (code === '22') looks.delete('bold')
      else if (code === '39') for (const look of Object.values(LOOKS).filter((name) => name !== 'bold')) looks.delete(look)
      else if (Object.hasOwn(LOOKS, code)) looks.add(LOOKS[code]!)
    }
  }
  return pieces
}
