// A question to the person at the terminal. Where there is none, nobody said yes.
import { createInterface } from 'node:readline/promises'

/** Whether they typed `y` or `yes`. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
