// Receipts as text for people. Whatever came from an agent goes through `visible`.
import { failedPolicies } from '../../engine/index.ts'
import type { Receipt } from '../../engine/index.ts'
import { paint, safeJson, table, visible } from '../print.ts'
import type { Colour } from '../print.ts'
import type { Aspect, Status, Verification } from './check.ts'
import type { ExportVerification } from './check_export.ts'

const COLOURS: Readonly<Record<string, Colour>> = {
  PASS: 'green',
  SUCCEEDED: 'green',
  BLOCK: 'red',
  FAILED: 'red',
  PARTIAL: 'yellow',
  UNKNOWN: 'yellow',
  CONFLICT: 'yellow'
}
const MARKS: Readonly<Record<Status, string>> = { ok: '✓', failed: '✗', not_checked: '–' }
const ASPECTS: Readonly<Record<Aspect, string>> = { shape: 'shape', hmac: 'HMAC', ed25519: 'Ed25519', leaf: 'leaf', proof: 'proof' }

/** One line a receipt, newest first. */
export function listText(receipts: readonly Receipt[]): string {
  const rows = receipts.map((receipt) => [
    receipt.timestamp.slice(0, 19).replace('T', ' '),
    receipt.decision,
    receipt.outcome,
    receipt.workflow,
    receipt.user_email,
    receipt.run_id,
    failedPolicies(receipt).join(' ')
  ])
  return table(rows, (cell, column) => (column === 1 || column === 2 ? (COLOURS[cell] ?? null) : null))
}

/** Everything of one receipt; it does not say whether it verifies. */
export function receiptText(receipt: Receipt): string {
  const { decision, outcome, policy_results, actions_taken, approval, links, ledger } = receipt
  const passed = policy_results.filter((result) => result.passed).length
  return [
    `${painted(decision)} · ${painted(outcome)}  ${paint('bold', visible(receipt.workflow))}  by ${visible(receipt.user_email)}`,
    field('run', `${receipt.run_id}, revision ${receipt.revision}`),
    field('team', `${receipt.team_id}, ${receipt.mode}, ${receipt.run_mode}`),
    field('time', receipt.timestamp),
    ...(receipt.error === undefined ? [] : [field('error', `${receipt.error.code}: ${receipt.error.message}`)]),
    field('policies', `${passed} of ${policy_results.length} passed`),
    ...policy_results.filter(({ passed, would = 'allow' }) => !passed || would !== 'allow').map(policyText),
    field('actions', actions_taken.length === 0 ? 'none' : String(actions_taken.length)),
    ...actions_taken.map(actionText),
    ...(approval === null
      ? []
      : [field('approval', `${approval.decision}${approval.votes.map(({ by, via }) => `, ${by} by ${via}`).join('')}`)]),
    ...Object.entries(links).map(([name, id]) => field(name.replaceAll('_', ' '), id)),
    field('payload', safeJson(receipt.payload, 0)),
    field('signed by', receipt.signatures.map(({ alg, keyid }) => `${alg} ${keyid}`).join(', ')),
    field('ledger', ledger === undefined ? 'no place' : `entry ${ledger.seq}, leaf ${ledger.leaf}`)
  ].join('\n')
}

/** What became of every receipt, then of the ledgers, then of the whole. */
export function verificationText({ ok, receipts, ledgers, problems, notes }: Verification): string {
  const lines = receipts.flatMap((receipt) => {
    const name = receipt.run_id === null ? receipt.label : `${receipt.run_id}.${receipt.revision}`
    const aspects = Object.entries(receipt.checks).map(([aspect, status]) => `${ASPECTS[aspect as Aspect]} ${MARKS[status]}`)
    const line = `${mark(receipt.ok)} ${visible(name)}  ${aspects.join('  ')}`
    return [
      line,
      ...receipt.problems.map((problem) => `    ${visible(problem)}${receipt.label.startsWith(name) ? '' : visible(` (${receipt.label})`)}`)
    ]
  })
  for (const ledger of ledgers) {
    const range = ledger.from === ledger.to ? `entry ${ledger.from}` : `entries ${ledger.from} to ${ledger.to}`
    const complete = ledger.complete === 'ok' ? ', complete by its checkpoint' : ''
    lines.push(
      `${mark(ledger.problems.length === 0)} ledger of ${visible(ledger.team_id)}: ${range}, chain ${MARKS[ledger.chain]}${complete}`
    )
    lines.push(...ledger.problems.map((problem) => `    ${visible(problem)}`), ...ledger.notes.map((note) => `    note: ${visible(note)}`))
  }
  lines.push(...problems.map((problem) => `${mark(false)} ${visible(problem)}`), ...notes.map((note) => `note: ${visible(note)}`))
  const failed = receipts.filter((receipt) => !receipt.ok).length
  lines.push(
    ok
      ? paint('green', `${counted(receipts.length)} verified`)
      : paint('red', `verification failed: ${failed} of ${counted(receipts.length)} bad`)
  )
  return lines.join('\n')
}

/** What was found out about a compliance export. */
export function exportText({ file, ok, team_id, period, range, counts, problems, notes }: ExportVerification): string {
  const lines = [...problems.map((problem) => `${mark(false)} ${visible(problem)}`), ...notes.map((note) => `note: ${visible(note)}`)]
  if (ok && team_id !== null && period !== null && counts !== null) {
    const entries = range === null ? 'no entries' : `entries ${range.first_seq} to ${range.last_seq} without a gap, ${counts.erased} erased`
    lines.unshift(`${mark(true)} ${visible(team_id)}, ${period.from} to ${period.to}: ${entries}, ${counts.checkpoints} checkpoints`)
  }
  const name = visible(file)
  lines.push(ok ? paint('green', `${name}: ${counted(counts?.receipts ?? 0)} verified`) : paint('red', `${name}: verification failed`))
  return lines.join('\n')
}

/** `1 receipt`, `2 receipts`. */
export function counted(count: number): string {
  return `${count} receipt${count === 1 ? '' : 's'}`
}

function policyText({ policy, effect, would, reason, remedy }: Receipt['policy_results'][number]): string {
  // A policy in shadow stops nothing: what it would have done.
  const word = would === undefined ? effect : `would ${would}`
  return `  ${paint(effect === 'deny' ? 'red' : 'yellow', word)} ${visible(policy)}: ${visible(reason)}${remedy === undefined ? '' : ` → ${visible(remedy)}`}`
}

function actionText({ status, system, action, resources, rollback_data, error }: Receipt['actions_taken'][number]): string {
  const undo =
    rollback_data === null ? '' : rollback_data === 'irreversible' ? '  cannot be undone' : `  undo: ${visible(rollback_data.action)}`
  const failure = error === null ? '' : `  ${visible(`${error.code}: ${error.message}`)}`
  return `  ${painted(status)} ${visible(`${system}.${action}`)}  ${visible(resources.join(' '))}${undo}${failure}`
}

function field(name: string, value: string): string {
  return `${paint('gray', name.padEnd(14))} ${visible(value)}`
}

function painted(word: string): string {
  const colour = COLOURS[word]
  return colour === undefined ? visible(word) : paint(colour, word)
}

function mark(ok: boolean): string {
  return ok ? paint('green', '✓') : paint('red', '✗')
}
