// How a command ends: the exit codes that scripts rely on, and the one way to leave with one.

/** CONTRACT §3, word for word. */
export const EXIT = { ok: 0, unexpected: 1, usage: 2, blocked: 3, held: 4, verification: 5, network: 6, auth: 7 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Thrown to end a command: `enact` prints the message to standard error and exits with the code. */
export class Exit extends Error {
  readonly code: ExitCode
  /** Whether the command has printed its own answer, so that `--json` adds no second document. */
  readonly answered: boolean
  constructor(code: ExitCode, message: string, answered: boolean) {
    super(message)
    this.name = 'Exit'
    this.code = code
    this.answered = answered
  }
}

/** Ends the command without an answer: `throw exit('network', '…')`. */
export function exit(why: keyof typeof EXIT, message: string): Exit {
  return new Exit(EXIT[why], message, false)
}

/** Ends the command after its answer was printed: `throw exitAfterAnswer('verification', '1 of 3 receipts failed')`. */
export function exitAfterAnswer(why: keyof typeof EXIT, message: string): Exit {
  return new Exit(EXIT[why], message, true)
}
