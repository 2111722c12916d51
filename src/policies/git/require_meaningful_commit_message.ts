// A commit says what it does.
import * as z from 'zod'
import { allow, definePolicy, deny, fold, quoted } from '../../engine/index.ts'

const LENGTH_MIN = 10
const FILLERS: ReadonlySet<string> = new Set(
  (
    'a an and the of to in on for with some more few my it this that these again just also all another small minor misc miscellaneous various random quick little tiny ' +
    'fix fixes fixed fixing bug bugs bugfix hotfix update updates updated updating change changes changed changing stuff thing things wip work progress temp tmp test tests testing ' +
    'commit commits committed save saved code edit edits edited file files cleanup clean up tweak tweaks improvement improvements modify modified modification modifications ' +
    'done final initial latest new asdf foo bar baz todo'
  ).split(' ')
)

/** Denies a commit message that is missing, empty, shorter than 10 characters, or made of nothing but filler words. */
export const requireMeaningfulCommitMessage = definePolicy({
  id: 'require_meaningful_commit_message',
  title: 'Commit messages say something',
  params: z.strictObject({}),
  reads: z.object({ commit_message: z.string().optional() }),
  on: ['github.*'],
  evaluate({ reads: { commit_message } }) {
    const remedy = 'say in a sentence what the commit changes and why'
    if (commit_message === undefined) return deny('there is no commit message', { remedy })
    const text = fold(commit_message).replace(/\s+/g, ' ').trim()
    if (text === '') return deny('the commit message is empty', { remedy })
    const length = Array.from(text).length
    if (length < LENGTH_MIN)
      return deny(`commit message ${quoted(commit_message)} has ${length} characters, at least ${LENGTH_MIN} are needed`, { remedy })
    const words = text.split(/[^\p{L}\p{M}]+/u).filter((word) => word !== '')
    if (words.every((word) => FILLERS.has(word))) return deny(`commit message ${quoted(commit_message)} has only filler words`, { remedy })
    return allow('the commit message says something')
  }
})
