// agent_pr_workflow: an agent's files go onto its own branch in one commit and up for review as a pull request, never to main.
import * as z from 'zod'
import { github } from '../connectors/index.ts'
import { isMainBranch } from '../engine/refs.ts'
import { defineWorkflow, stop } from '../engine/workflow.ts'

const { repo, branch, files, commit_message } = github.actions.push_commit.input.shape
const { base, title, body, draft } = github.actions.create_pr.input.shape

/**
 * Branch, commit, pull request; asked again it finds all three and changes nothing. Without `files` the branch must have commits of
 * its own. Ends before any effect as `branch_is_base`, `branch_has_no_commits` or `file_count_mismatch` where the request makes no sense.
 */
export const agentPrWorkflow = defineWorkflow({
  id: 'agent_pr_workflow',
  title: "Put an agent's work up for review",
  payload: z.strictObject({
    repo,
    branch,
    base: base.default('main'),
    title: title.optional(),
    body,
    draft,
    files: files.optional(),
    commit_message: commit_message.optional(),
    /** What policies read of a commit that was pushed by other means. */
    file_count: z.int().min(0).optional(),
    diff: z.string().optional()
  }),
  uses: { github: github.uses('get_branch', 'compare_branches', 'create_branch', 'push_commit', 'create_pr') },
  resources: ({ repo, branch }) => github.actions.get_branch.resources({ repo, branch }),
  async run({ github }, { repo, branch, base, files, ...text }) {
    if (branch === base || isMainBranch(branch))
      throw stop('branch_is_base', `branch \`${branch}\` takes changes by pull request only: name a branch of the agent's own`)
    if (files && (text.file_count ?? files.length) !== files.length)
      throw stop('file_count_mismatch', `\`file_count\` is ${text.file_count}, but there are ${files.length} files`)
    const { sha } = await github.get_branch({ repo, branch })
    if (files) {
      await github.create_branch({ repo, branch, ...(sha === null ? { base } : { sha }) })
      await github.push_commit({ repo, branch, files, commit_message: text.commit_message ?? text.title ?? `Changes on ${branch}` })
    } else if (sha === null || (await github.compare_branches({ repo, base, branch })).ahead_by === 0) {
      throw stop('branch_has_no_commits', `branch \`${branch}\` has no commits of its own: send \`files\`, or push to it first`)
    }
    await github.create_pr({
      repo,
      branch,
      base,
      title: text.title ?? titleOf(text.commit_message, branch),
      body: text.body,
      draft: text.draft
    })
  }
})

/** The commit message's first line, as a title has to be: one line, not blank, not long. */
function titleOf(message: string | undefined, branch: string): string {
  const [first = ''] = (message ?? '').trim().split('\n')
  return [...first.replace(/[\s\p{Cc}]+/gu, ' ').trim()].slice(0, 100).join('') || `Changes on ${branch}`
}
