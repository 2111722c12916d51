// Every command of `enact`, one row each. A group's code is loaded when it is asked for, and not before.
import type { Command } from 'commander'
import type { Context } from '../context.ts'

/** What a file in this folder exports: adds actions, options and subcommands to `command`, whose name and summary are set. */
export type Register = (command: Command, context: Context) => void

interface Group {
  readonly summary: string
  load(): Promise<{ readonly register: Register }>
}

/** name → summary and code. */
export const COMMANDS: Readonly<Record<string, Group>> = {
  demo: { summary: 'BLOCK, PASS and ROLLBACK on a real Postgres, without credentials', load: () => import('./demo.ts') },
  hooks: { summary: 'install, try out and remove the hooks of coding agents', load: () => import('./hooks.ts') },
  hook: { summary: 'the hook of a coding agent: reads its event, answers in its words', load: () => import('./hook.ts') },
  locks: { summary: 'who holds what, and taking a lock away', load: () => import('./locks.ts') },
  policy: { summary: 'list policies and test them with files of cases', load: () => import('./policy.ts') },
  receipts: { summary: 'list, show, verify, export and follow receipts', load: () => import('./receipts.ts') },
  ui: { summary: 'the receipts of a folder in the browser', load: () => import('./ui.ts') }
}
