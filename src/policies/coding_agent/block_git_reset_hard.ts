// Work that is not committed is not thrown away.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'git reset --hard': 'throws away every change that is not committed',
  'git reset --merge': 'throws away changes that are not committed',
  'git read-tree --reset': 'throws away changes that are not committed',
  'git checkout-index --force/-f --all/-a': 'overwrites every change that is not committed',
  'jj abandon': 'throws changes away',
  'hg update|up|checkout --clean/-C': 'throws away changes that are not committed',
  'svn revert --recursive/-R': 'throws away changes that are not committed'
})
const REMEDY = 'commit or `git stash` first, then `git reset --keep` or `git switch`'

/** Denies `git reset --hard`, `--merge` and `--keep`: they throw uncommitted work away. */
export const blockGitResetHard = definePolicy({
  id: 'block_git_reset_hard',
  title: 'No git reset --hard',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'nothing uncommitted is reset')
})
