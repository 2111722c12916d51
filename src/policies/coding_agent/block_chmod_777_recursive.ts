// Files stay closed to those who have no business with them.
import * as z from 'zod'
import { type CommandLine, definePolicy, deny, hasOption, judgeTool, reachOfDeletion, spelt } from '../../engine/index.ts'
import { Command, ON_SHELL } from './judged.ts'

/** Denies a recursive `chmod` that lets everybody write, and any recursive change of owner or mode of the system or a home folder. */
export const blockChmod777Recursive = definePolicy({
  id: 'block_chmod_777_recursive',
  title: 'No recursive chmod 777',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ lines, programs, cwd }) => {
        if (!programs.has('chmod') && !programs.has('chown') && !programs.has('chgrp') && !programs.has('setfacl')) return null
        const line = lines.find((one) => opensToAll(one) || isSweeping(one, cwd))
        const remedy = 'change the mode of the one file that needs it'
        return line === undefined ? null : deny(`\`${spelt(line)}\` changes who may do what to a whole tree`, { remedy })
      },
      'no tree is opened to everybody'
    )
})

function isRecursive(line: CommandLine): boolean {
  return hasOption(line, 'R', 'recursive') || line.command.placeholder !== null
}

/** 777, 0777, 666, a+rwx, ugo+w, o+w, =rwx: others may write. */
function opensToAll(line: CommandLine): boolean {
  if (line.program !== 'chmod' || !isRecursive(line)) return false
  const mode = line.operands[0] ?? ''
  if (/^0?[0-7]{3,4}$/.test(mode)) return (Number.parseInt(mode.slice(-1), 8) & 2) === 2
  return mode.split(',').some((part) => /^(?:[ug]*[oa][ugoa]*)?[+=][rxXst]*w/.test(part))
}

function isSweeping(line: CommandLine, cwd: string | null): boolean {
  if (!/^(?:chmod|chown|chgrp|setfacl)$/.test(line.program ?? '') || !isRecursive(line)) return false
  return line.operands
    .slice(1)
    .some((path) => /^(?:root|system|home)$/.test(reachOfDeletion(path, cwd)) && !/^(?:\/opt|\/srv|\/var\/www|\/mnt|\/data)\//.test(path))
}
