// What will happen, in one question: from what was looked up where that says it, else from the action's own title.
import { escapeHtml, resolve, visible, type ApprovalSight, type Installation, type Json, type JsonObject } from '../../engine/index.ts'

// The whole of it stands below: a headline is read at a glance.
const NAME_LENGTH_MAX = 64

/** A piece of a sentence; `isName` is set in code. INVARIANT: hidden characters are marked. */
interface Part {
  readonly text: string
  readonly isName?: true
}

const rows = (count: Json | undefined): string | null =>
  typeof count === 'number' ? `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}` : null

const lengthOf = (given: Json | undefined): number | undefined => (Array.isArray(given) ? given.length : undefined)

/** Sentences of actions whose preview counts, and of workflows whose request does, by id. Null where it does not. */
const SENTENCES: Readonly<Record<string, (seen: JsonObject, payload: JsonObject) => readonly Part[] | null>> = {
  delete_row: (seen, { table }) => counted('Delete', rows(seen.affected), 'from', table),
  update_row: (seen, { table }) => counted('Change', rows(seen.affected), 'of', table),
  insert_row: (_seen, { table }) => counted('Insert', 'a row', 'into', table),
  insert_rows: (seen, { table, rows: given }) => counted('Insert', rows(seen.affected ?? lengthOf(given)), 'into', table),
  db_bulk_import_workflow: (_seen, { table, rows: given }) => counted('Insert', rows(lengthOf(given)), 'into', table),
  db_safe_update_workflow: (_seen, { table }) => counted('Change', 'rows', 'of', table),
  merge_pr: (_seen, { number, repo }) => counted('Merge', typeof number === 'number' ? `pull request #${number}` : null, 'of', repo),
  close_pr: (_seen, { number, repo }) => counted('Close', typeof number === 'number' ? `pull request #${number}` : null, 'of', repo)
}

/** The question as text, and as HTML for the heading. */
export function headlineOf(sight: ApprovalSight, installation: Installation): { text: string; html: string } {
  const parts = partsOf(sight, installation).map(({ text, isName }) => ({ text: visible(text), isName }))
  return {
    text: `${parts.map(({ text }) => text).join('')}?`,
    html: `${parts.map(({ text, isName }) => (isName ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text))).join('')}?`
  }
}

function partsOf({ workflow, payload, preview }: ApprovalSight, installation: Installation): readonly Part[] {
  if (workflow.startsWith('rollback:')) return [{ text: 'Take a run of ' }, name(workflow.slice('rollback:'.length)), { text: ' back' }]
  const found = resolve(installation, workflow)
  if (found === null) return [{ text: 'Allow ' }, name(workflow)]
  const seen = preview.done !== null && typeof preview.done === 'object' && !Array.isArray(preview.done) ? (preview.done as JsonObject) : {}
  const [id, title] = 'workflow' in found ? [found.workflow.id, found.workflow.title] : [found.target.name, found.target.action.title]
  const sentence = Object.hasOwn(SENTENCES, id) ? SENTENCES[id]!(seen, payload) : null
  return sentence ?? [{ text: title }]
}

function counted(verb: string, what: string | null, preposition: string, of: Json | undefined): readonly Part[] | null {
  if (what === null || typeof of !== 'string') return null
  return [{ text: `${verb} ${what} ${preposition} ` }, name(of)]
}

function name(text: string): Part {
  return { text: text.length > NAME_LENGTH_MAX ? `${text.slice(0, NAME_LENGTH_MAX)}…` : text, isName: true }
}
