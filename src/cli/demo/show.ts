// The demo on paper: what was asked, what policy said, which rows changed, and what proves it. At most 80 columns.
import type { ActionTaken } from '../../engine/index.ts'
import { paint, visible } from '../print.ts'
import type { Colour } from '../print.ts'
import type { Aspect, Status } from '../receipts/check.ts'
import type { Act, Asked, Exhibit, Rollback } from './acts.ts'
import { EMAIL, type Answer } from './agent.ts'
import { CUSTOMERS, EXPIRED, missingFrom, type Customer } from './customers.ts'
import { CHANGE, type Proof } from './evidence.ts'
import type { Ending } from './report.ts'

const WIDTH = 80
const INDENT = 12

/** What is here, and who asks. */
export function openingText(): string {
  return [
    `${paint('bold', 'Enact demo')}: a real Postgres and the Worker in workerd, on this machine alone.`,
    `Table customers: ${CUSTOMERS} rows. ${EMAIL} asks over HTTP, with its own key.`
  ].join('\n')
}

export function blockText({ asked, answer, before, after }: Act): string {
  const denied = answer.receipt.policy_results.filter(({ effect }) => effect === 'deny')
  return [
    heading('1', 'BLOCK', 'red', 'the agent would empty the table'),
    '  DELETE FROM customers',
    ...request(asked),
    field('decision', verdict(answer)),
    ...denied.flatMap(({ policy, reason, remedy }) => [
      ...wrapped('policy', `${policy}: ${reason}`),
      ...(remedy === undefined ? [] : wrapped('remedy', remedy))
    ]),
    field('rows', counts(before.rows, after.rows)),
    receiptLine(answer)
  ].join('\n')
}

export function passText({ asked, answer, before, after }: Act): string {
  const { policy_results, actions_taken } = answer.receipt
  const passed = policy_results.filter((result) => result.passed).length
  return [
    heading('2', 'PASS', 'green', 'the agent says which rows'),
    `  DELETE FROM customers WHERE plan = '${EXPIRED}'`,
    ...request(asked),
    field('decision', `${verdict(answer)}, ${passed} of ${policy_results.length} policies passed`),
    ...rowLines('gone', '-', 'red', missingFrom(after, before)),
    field('rows', counts(before.rows, after.rows)),
    receiptLine(answer),
    ...imageLines(actions_taken[0])
  ].join('\n')
}

export function rollbackText({ asked, answer, before, after, rehearsal }: Rollback, pass: Act): string {
  return [
    heading('3', 'ROLLBACK', 'cyan', 'one call brings exactly those rows back'),
    ...request(rehearsal.asked),
    field('plan', planned(rehearsal.answer)),
    field('rows', `${counts(before.rows, rehearsal.after.rows)}: nothing is done yet`),
    ...request(asked),
    field('decision', verdict(answer)),
    ...rowLines('back', '+', 'green', missingFrom(before, after)),
    field('rows', counts(before.rows, after.rows)),
    field('checksum', `${pass.before.checksum.slice(0, 32)}… before act 2`),
    field('', `${after.checksum.slice(0, 32)}… now, every column of every row`),
    receiptLine(answer)
  ].join('\n')
}

/** What the command said, of the receipts and of the copy. */
export function proofText({ verification, changed }: Proof, exhibits: readonly Exhibit[], isStopped: boolean): string {
  const label = (run_id: string | null, revision: number | null) =>
    exhibits.find(({ receipt }) => receipt.run_id === run_id && receipt.revision === revision)?.label ?? 'unknown'
  const bad = changed.receipts.find(({ checks }) => checks.ed25519 === 'failed')
  return [
    heading(
      '4',
      'PROOF',
      'cyan',
      isStopped ? 'from three files: the Worker is stopped, its secret is gone' : 'from three files, without server or secret'
    ),
    `  ${paint('gray', '$ npx enact receipts verify receipts.ndjson --keys keys.json \\')}`,
    `  ${paint('gray', '    --checkpoint checkpoint.txt')}`,
    ...verification.receipts.map(
      ({ run_id, revision, ok, checks }) =>
        `  ${mark(ok)} ${label(run_id, revision).padEnd(30)} ${aspect('Ed25519', checks, 'ed25519')}  ${aspect('leaf', checks, 'leaf')}  ${aspect('proof', checks, 'proof')}`
    ),
    ...verification.ledgers.map(
      ({ from, to, chain, complete, problems }) =>
        `  ${mark(problems.length === 0)} ${`ledger, entries ${from} to ${to}`.padEnd(30)} chain ${MARKS[chain]}  complete by its signed checkpoint ${MARKS[complete]}`
    ),
    ...[...verification.receipts, ...verification.ledgers, verification]
      .flatMap(({ problems }) => problems)
      .map((problem) => `    ${visible(problem)}`),
    `  ${mark(!changed.ok)} one byte changed, ${CHANGE.from} → ${CHANGE.to.slice(-1)}: ${changed.ok ? paint('red', 'NOT NOTICED') : `the receipt of ${label(bad?.run_id ?? null, bad?.revision ?? null)} fails, as it must`}`
  ].join('\n')
}

const NEXT = [
  ['npm run dev', 'this edge for your own agents, on 127.0.0.1:8787'],
  ['npx enact demo --keep', 'the demo, left running with its address and key'],
  ['README.md', 'how to deploy it; enact.config.ts is what it allows']
] as const

/** Whether it all held, and where to go from here. */
export function closingText({ checks, seconds, kept, running }: Ending): string {
  const failed = checks.filter(({ held }) => !held)
  const verdict =
    failed.length === 0
      ? paint('green', `All ${checks.length} checks held`)
      : paint('red', `${failed.length} of ${checks.length} checks FAILED`)
  return [
    `${verdict}, in ${seconds.toFixed(1)} s.`,
    ...failed.map(({ claim }) => `  ${mark(false)} ${claim}`),
    ...(kept === null ? [] : [`Receipts: ${kept.folder}`]),
    ...(running === null
      ? []
      : ['', `Still running on ${paint('bold', running.url)}, until Ctrl-C. Key of the agent (run, read):`, `  ${running.agent.key}`]),
    '',
    ...NEXT.map(([what, why], i) => `${i === 0 ? 'Next:' : '     '} ${paint('bold', what.padEnd(22))} ${why}`)
  ].join('\n')
}

function heading(number: string, name: string, colour: Colour, what: string): string {
  return `${number} ${paint(colour, paint('bold', name))}  ${paint('bold', what)}`
}

/** The payload on a line of its own. */
function request({ path, body }: Asked): string[] {
  const [head, payload] = JSON.stringify(body).split(',"payload"')
  const start = `POST ${path}`
  return [
    `  ${paint('cyan', start)} ${head}${payload === undefined ? '' : ','}`,
    ...(payload === undefined ? [] : [`  ${' '.repeat(start.length)}  "payload"${payload}`])
  ]
}

function verdict({ decision, outcome }: Answer): string {
  return `${paint(decision === 'PASS' ? 'green' : 'red', decision)} · ${outcome}`
}

function planned({ receipt }: Answer): string {
  return receipt.actions_taken.map(({ action, output }) => `${action}, ${rowsOf(output.input)} rows → ${String(output.would)}`).join('; ')
}

function rowsOf(input: unknown): number {
  const rows = typeof input === 'object' && input !== null && 'rows' in input ? input.rows : []
  return Array.isArray(rows) ? rows.length : 0
}

function rowLines(name: string, sign: string, colour: Colour, rows: readonly Customer[]): string[] {
  const cells = rows.map(({ id, name, email, plan }) => [String(id).padStart(2), name, email, plan])
  const widths = cells.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), [])
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
  return lines.map((line, i) => field(i === 0 ? name : '', paint(colour, `${sign} ${line.trimEnd()}`)))
}

function counts(before: number, after: number): string {
  return `${before} before, ${paint('bold', String(after))} after`
}

function receiptLine({ run_id, receipt }: Answer): string {
  return field('receipt', `${run_id}, ledger entry ${receipt.ledger?.seq}`)
}

/** That the receipt has the rows as they were: how many, and the first of them. */
function imageLines(taken: ActionTaken | undefined): string[] {
  const images = Array.isArray(taken?.output.before) ? taken.output.before : []
  const first = visible(JSON.stringify(images[0] ?? null))
  return [
    field('', `with the before-image of ${images.length} rows, every column of each:`),
    field('', INDENT + first.length > WIDTH ? `${first.slice(0, WIDTH - INDENT - 1)}…` : first)
  ]
}

function field(name: string, value: string): string {
  return `  ${paint('gray', name.padEnd(INDENT - 2))}${value}`
}

function wrapped(name: string, text: string): string[] {
  const lines = ['']
  for (const word of visible(text).split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && INDENT + line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line, i) => field(i === 0 ? name : '', line))
}

const MARKS: Readonly<Record<Status, string>> = { ok: '✓', failed: '✗', not_checked: '–' }

function aspect(name: string, checks: Readonly<Record<Aspect, Status>>, which: Aspect): string {
  return `${name} ${MARKS[checks[which]]}`
}

function mark(ok: boolean): string {
  return ok ? paint('green', '✓') : paint('red', '✗')
}
