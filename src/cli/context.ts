// What a command is given of its process: its environment and its two streams.
import { safeJson, visible } from './print.ts'

/** Handed to every command group. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>
  /** One line on standard output; a promise where there is no room just now, for which long outputs wait. What came from outside must have gone through `visible`. */
  out(line: string): void | Promise<void>
  /** One JSON document on standard output: what `--json` prints, and nothing beside it. */
  json(value: unknown): void
  /** One line on standard error, for people: progress, warnings, notes. */
  note(line: string): void
  /** Standard input. */
  input(): AsyncIterable<Uint8Array | string>
}

/** The context of this process. */
export function processContext(): Context {
  return {
    env: process.env,
    out: (line) => {
      if (!process.stdout.write(`${line}\n`)) return new Promise((resolve) => process.stdout.once('drain', resolve))
    },
    json: (value) => void process.stdout.write(`${safeJson(value)}\n`),
    note: (line) => void process.stderr.write(`${visible(line)}\n`),
    input: () => process.stdin
  }
}
