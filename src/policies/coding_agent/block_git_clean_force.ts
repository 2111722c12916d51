// Files that git does not know are not deleted.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'git clean --force/-f !--dry-run !-n': 'deletes files that no commit has',
  'git clean -d !--dry-run !-n': 'deletes files that no commit has',
  'git clean -x !--dry-run !-n': 'deletes files that no commit has',
  'git clean -X !--dry-run !-n': 'deletes files that no commit has',
  'git ** clean --force/-f !--dry-run !-n': 'deletes files that no commit has',
  'git submodule deinit --all': 'empties every submodule',
  'git submodule deinit --force/-f': 'throws away the changes of a submodule',
  'hg purge|clean': 'deletes files that no commit has'
})
const REMEDY = 'look with `git clean -n`, then delete the files that are meant'

/** Denies `git clean` with any form of force: it deletes what no commit has. */
export const blockGitCleanForce = definePolicy({
  id: 'block_git_clean_force',
  title: 'No git clean --force',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'nothing unknown to git is cleaned')
})
