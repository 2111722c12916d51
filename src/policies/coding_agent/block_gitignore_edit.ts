// What git ignores is decided by people: taking a line out publishes what it kept back.
import * as z from 'zod'
import { definePolicy, deny, fileNames, judgeTool, quoted } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'

/** Denies writing, moving or deleting `.gitignore` and `.git/info/exclude`, by any tool or program. */
export const blockGitignoreEdit = definePolicy({
  id: 'block_gitignore_edit',
  title: 'No changes to .gitignore',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      ({ files }) => {
        const found = files.find(({ act, path }) => act !== 'read' && act !== 'list' && isIgnoreFile(path))
        const remedy = 'propose the line to a person'
        return found === undefined ? null : deny(`${quoted(found.path)} says what git ignores, and must not be changed`, { remedy })
      },
      'what git ignores stays as it is'
    )
})

function isIgnoreFile(path: string): boolean {
  const names = fileNames(path)
  return names === null || names.includes('.gitignore') || path.endsWith('.git/info/exclude')
}
