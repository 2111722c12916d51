// What happened can be looked up.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'history -c': 'wipes the history of the shell',
  'history -d': 'takes lines out of the history',
  'fc -p': 'hides what follows from the history',
  'journalctl --vacuum-time': 'deletes logs',
  'journalctl --vacuum-size': 'deletes logs',
  'journalctl --vacuum-files': 'deletes logs',
  'auditctl -D': 'switches the audit off',
  'auditctl -e': 'switches the audit off',
  'wevtutil cl|clear-log': 'deletes logs',
  'log erase': 'deletes logs',
  'dmesg -C/--clear': 'deletes logs',
  'atuin history prune': 'wipes the history of the shell'
})
const REMEDY = 'leave history and logs as they are'

/** Denies wiping the history of shells and the logs of the machine. */
export const blockHistoryWipe = definePolicy({
  id: 'block_history_wipe',
  title: 'No wiping of history',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no history is wiped')
})
