// Work and history stay where they can be found.
import * as z from 'zod'
import { ask, type CommandLine, commandTable, definePolicy, deny, judgeTool, spelt } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL, OnMatch } from './judged.ts'

const TABLE = commandTable({
  'git checkout --force/-f': 'throws away changes that are not committed',
  'git checkout .': 'throws away changes that are not committed',
  'git checkout HEAD|HEAD~*|HEAD^* .|./|:/|*.*': 'throws away changes that are not committed',
  'git switch --force/-f': 'throws away changes that are not committed',
  'git switch --discard-changes': 'throws away changes that are not committed',
  'git restore --worktree/-W': 'throws away changes that are not committed',
  'git restore !--staged !-S': 'throws away changes that are not committed',
  'git stash drop|clear': 'throws stashed work away',
  'git branch -D': 'deletes a branch whether it is merged or not',
  'git branch --delete/-d --force/-f': 'deletes a branch whether it is merged or not',
  'git branch --force/-f': 'moves a branch away from its commits',
  'git worktree remove --force/-f': 'throws away the changes of a working tree',
  'git filter-branch|filter-repo': 'rewrites history',
  'git-filter-repo|bfg *': 'rewrites history',
  'git-filter-repo': 'rewrites history',
  'git reflog expire|delete': 'makes lost commits impossible to find',
  'git gc --prune=now': 'deletes commits that could still be found',
  'git gc --prune=all': 'deletes commits that could still be found',
  'git prune': 'deletes commits that could still be found',
  'git update-ref -d': 'deletes a ref',
  'git push --delete/-d': 'deletes a branch or tag for everybody',
  'git push --prune': 'deletes branches for everybody',
  'git push ** :*': 'deletes a branch or tag for everybody',
  'git symbolic-ref --delete/-d': 'deletes a ref'
})
const REMEDY = 'commit or `git stash push` first; delete merged branches with `git branch -d`'

/** Denies discarding uncommitted changes, stashes and unmerged branches, and rewriting history: `git checkout -- x`, `git restore`, `git stash drop`, `git branch -D`, `filter-branch`, `reflog expire`. */
export const blockGitDiscard = definePolicy({
  id: 'block_git_discard',
  title: 'No discarding of work in git',
  params: z.strictObject({ effect: OnMatch.default('deny') }),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context, { effect }) =>
    judgeTool(
      context,
      (reading) => {
        const overwrites = reading.programs.has('git') ? reading.lines.find(overwritesFiles) : undefined
        if (overwrites === undefined) return foundIn(TABLE, REMEDY, effect)(reading)
        return (effect === 'deny' ? deny : ask)(`\`${spelt(overwrites)}\` throws away changes that are not committed`, { remedy: REMEDY })
      },
      'no work is discarded'
    )
})

const SOURCE_FILE =
  /\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|md|json|ya?ml|toml|css|scss|html|sql|sh|c|h|cc|cpp|txt|lock|php|swift|vue|svelte|cs|tf|env)$/i

/** `git checkout -- x`, `git checkout HEAD -- x`, `git checkout x.ts`: a file, not a branch. */
function overwritesFiles({ program, operands, words }: CommandLine): boolean {
  if (program !== 'git' || operands[0] !== 'checkout' || words.some((word) => /^-[bB]$|^--orphan$/.test(word))) return false
  const dashes = words.indexOf('--')
  if (dashes !== -1) return dashes < words.length - 1
  return operands.slice(1).some((operand) => SOURCE_FILE.test(operand) && !operand.startsWith('v'))
}
