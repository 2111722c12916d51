// What a command is given of its process: its environment and its two streams.
import { safeJson, visible } from './print.ts'

/** Handed to every command group. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  /** One line on standard output. What came from outside must have gone through `visible`. */
  out(line: string): void
  /** Bytes of a file or of help, as they are; resolves when there is room for more. */
  write(text: string): Promise<void>
  /** One JSON document on standard output: what `--json` prints, and nothing beside it. */
  json(value: unknown): void
  /** One line on standard error, for people: progress, warnings, notes. */
  note(line: string): void
}

/** The context of this process. */
export function processContext(): Context {
  return {
    env: process.env,
    out: (line) => void process.stdout.write(`${line}\n`),
    write: async (text) => {
      if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
    },
    json: (value) => void process.stdout.write(`${safeJson(value)}\n`),
    note: (line) => void process.stderr.write(`${visible(line)}\n`)
  }
}
