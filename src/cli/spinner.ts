// What is being waited for, on standard error, and only where a person looks at it.
import { visible } from './print.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
const CLEAR_LINE = '\r\u001b[2K'

/** The work's result; its line is gone when it is over. */
export async function watched<T>(text: string, work: Promise<T>, stream: NodeJS.WriteStream = process.stderr): Promise<T> {
  if (!stream.isTTY || process.env.TERM === 'dumb' || process.env.CI) return work
  const began = Date.now()
  let frame = 0
  const timer = setInterval(() => {
    const seconds = Math.floor((Date.now() - began) / 1_000)
    stream.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${visible(text)}${seconds > 0 ? ` ${seconds} s` : ''}`)
  }, FRAME_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
    stream.write(CLEAR_LINE)
  }
}
