// What was looked up before somebody was asked, in a sentence.
import type { JsonObject } from '../../../engine/schema.ts'

/** `hasMore` = there is more to see than the sentence. */
export function previewText(preview: JsonObject): { readonly text: string; readonly hasMore: boolean } {
  const [kind, found] = Object.entries(preview)[0] ?? []
  if (kind === undefined) return { text: 'Nothing could be looked up beforehand.', hasMore: false }
  const message = typeof found === 'string' ? found : ''
  const hasMore = typeof found === 'object' && found !== null && Object.keys(found).length > 0
  if (kind === 'done') return { text: 'Looked up beforehand: as things are, it can be done.', hasMore }
  if (kind === 'already') return { text: 'Looked up beforehand: it is done already, nothing would change.', hasMore }
  if (kind === 'conflict' && message !== '') return { text: `As things are, it would run into a conflict: ${message}`, hasMore: false }
  if (kind === 'failed' && message !== '') return { text: `As things are, it would fail: ${message}`, hasMore: false }
  return { text: 'This was looked up beforehand:', hasMore: true }
}
