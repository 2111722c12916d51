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
  alerts: { summary: 'what somebody should look at, who is told, and by which rules', load: () => import('./alerts.ts') },
  anomaly: { summary: 'what alerts on unusual activity would have said', load: () => import('./anomaly.ts') },
  approve: {
    summary: 'approve what a policy asks about',
    load: async () => ({ register: (await import('./decide.ts')).registerAs('approve') })
  },
  budgets: { summary: 'what is used of budgets', load: () => import('./budgets.ts') },
  completion: { summary: 'completion for bash, zsh and fish', load: () => import('./completion.ts') },
  demo: { summary: 'BLOCK, PASS and ROLLBACK on a real Postgres, without credentials', load: () => import('./demo.ts') },
  deny: { summary: 'deny what a policy asks about', load: async () => ({ register: (await import('./decide.ts')).registerAs('deny') }) },
  doctor: { summary: 'whether an installation is reached, takes the key and is set up', load: () => import('./doctor.ts') },
  hook: { summary: 'the hook of a coding agent: reads its event, answers in its words', load: () => import('./hook.ts') },
  hooks: { summary: 'install, try out and remove the hooks of coding agents', load: () => import('./hooks.ts') },
  keys: { summary: 'make, list and revoke API keys', load: () => import('./keys.ts') },
  locks: { summary: 'who holds what, and taking a lock away', load: () => import('./locks.ts') },
  policy: { summary: 'list, test, lint and replay policies', load: () => import('./policy.ts') },
  receipts: { summary: 'list, show, verify, export and follow receipts', load: () => import('./receipts.ts') },
  rollback: { summary: 'take a run back', load: () => import('./rollback.ts') },
  run: { summary: 'ask for a run', load: () => import('./run.ts') },
  ui: { summary: 'the receipts of a folder in the browser', load: () => import('./ui.ts') }
}
