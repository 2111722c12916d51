// The quickstart: an agent is kept off main, opens a pull request on its own branch, and everything is taken back with one call.
// `node examples/quickstart.ts` plays it on a small GitHub inside this process. On a real one:
// `GITHUB_TOKEN=… GITHUB_REPOSITORY=owner/name node examples/quickstart.ts`. With `ENACT_DIR=receipts` the receipts stay in that folder:
// `npx enact ui` shows them, and with the same ENACT_SECRET checks them.
import { randomBytes } from 'node:crypto'
import { EnactClient, fileReceipts, memoryReceipts, type Receipt } from 'enact'
import { github } from 'enact/connectors'
import { dontPushToMain, requireBranchPrefix } from 'enact/policies'
import { agentPrWorkflow } from 'enact/workflows'

const { GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, ENACT_DIR, ENACT_SECRET } = process.env
if (GITHUB_TOKEN && !GITHUB_REPOSITORY) {
  console.error('set GITHUB_REPOSITORY=owner/name too: the branch and the pull request are made there, then taken back')
  process.exit(2)
}
const fake = GITHUB_TOKEN ? null : await (await import('../tests/fakes/github/index.ts')).startGitHub()
const repo = (GITHUB_TOKEN && GITHUB_REPOSITORY) || 'myorg/app'

const enact = new EnactClient({
  systems: {
    github: github({
      token: fake?.token ?? GITHUB_TOKEN ?? '',
      api_url: fake?.url ?? GITHUB_API_URL,
      repos: [repo]
    })
  },
  policies: [dontPushToMain(), requireBranchPrefix({ prefix: 'agent/' })],
  workflows: [agentPrWorkflow],
  receipts: ENACT_DIR ? fileReceipts(ENACT_DIR) : memoryReceipts(),
  secret: ENACT_SECRET ?? randomBytes(32).toString('hex')
})

const ask = (branch: string) =>
  enact.run({
    workflow: 'agent_pr_workflow',
    user_email: 'agent@company.com',
    payload: {
      repo,
      branch,
      files: [{ path: 'docs/hello.md', content: 'Written by an agent.\n' }],
      commit_message: 'Add a greeting to the docs'
    }
  })

console.log(`${fake ? 'no GITHUB_TOKEN: playing on a local fake' : 'on GitHub'}, repository ${repo}`)

console.log('\n1. The agent asks for a push to main')
show((await ask('main')).receipt)

console.log('\n2. The agent asks for a pull request from its own branch')
const { result, receipt } = await ask('agent/quickstart')
show(receipt)
const verified = await enact.verify(receipt)
console.log(`  the receipt, whose signatures ${verified.valid ? 'verify' : 'DO NOT VERIFY'}:`)
console.log(JSON.stringify(receipt, null, 2).replace(/^/gm, '  '))

console.log('\n3. One call takes it back')
const undone = await enact.rollback(receipt.run_id)
show(undone.receipt)

await fake?.close()
process.exitCode = result.success && verified.valid && undone.receipt.decision === 'PASS' ? 0 : 1

function show({ decision, outcome, policy_results, actions_taken, error }: Receipt): void {
  console.log(`  ${decision}, outcome ${outcome}`)
  for (const { policy, passed, reason, remedy, call } of policy_results) {
    // Policies judge the request and then each call again; the request's verdicts tell the story.
    if (call === undefined) console.log(`    ${passed ? '✓' : '✗'} ${policy}: ${reason}${remedy ? ` → ${remedy}` : ''}`)
  }
  for (const { action, status, error: problem } of actions_taken)
    console.log(`    ${action} ${status}${problem ? ` (${problem.message})` : ''}`)
  if (error) console.log(`    ${error.code}: ${error.message}`)
}
