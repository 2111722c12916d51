// What the system runs by itself is not changed.
import * as z from 'zod'
import { definePolicy, deny, foldedReadings, judgeTool, quoted } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

const SYSTEM =
  /^(?:etc|usr\/(?:s?bin|lib(?:64)?|libexec)|s?bin|lib(?:64)?|boot|sys|proc\/sys|windows\/system32|system|library\/(?:launchagents|launchdaemons))(?:\/|$)/
const HOME =
  /^(?:\.ssh\/(?:authorized_keys2?|rc|environment)|library\/launchagents\/.+|\.config\/(?:systemd|autostart)\/.+|\.pam_environment)$/

/** Denies writing, moving or opening up files of the system (`/etc`, `/usr/bin`, `/boot`) and what lets somebody in or starts by itself (`authorized_keys`, launch agents, systemd units). */
export const blockSystemFileWrite = definePolicy({
  id: 'block_system_file_write',
  title: 'No changes to the system',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find(
          ({ act, path, by }) => (act === 'write' || act === 'move' || act === 'delete') && by !== 'scp' && isSystem(path)
        )
        const remedy = 'ask the person who looks after this machine'
        return found === undefined ? null : deny(`${quoted(found.path)} belongs to the system, and would be changed`, { remedy })
      },
      'nothing of the system is changed'
    )
})

function isSystem(path: string): boolean {
  return (foldedReadings(path) ?? []).some(
    ({ root, segments }) => (root === '/' && SYSTEM.test(segments.join('/'))) || (root === '~' && HOME.test(segments.join('/')))
  )
}
