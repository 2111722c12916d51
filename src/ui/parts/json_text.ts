// JSON as somebody types it: read with words for what is wrong and where, and written so that nothing in it is hidden.
import { visible } from '../../engine/visible.ts'
import type { Json } from '../../engine/schema.ts'

/** The value, or what is wrong in words. */
export type ReadJson = { readonly value: Json; readonly wrong: null } | { readonly value: null; readonly wrong: string }

export function readJson(text: string): ReadJson {
  if (text.trim() === '') return { value: null, wrong: 'is empty: write JSON' }
  try {
    return { value: JSON.parse(text) as Json, wrong: null }
  } catch (error) {
    return { value: null, wrong: `is no JSON${placeOf(String(error), text)}` }
  }
}

/** JSON to be edited: what is hidden stands as an escape, which means the same. */
export function editableJson(value: Json): string {
  const escaped = (letter: string) =>
    letter
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')
  return JSON.stringify(value, null, 2).replace(/[^\n -~]/gu, (letter) => (visible(letter) === letter ? letter : escaped(letter)))
}

function placeOf(message: string, text: string): string {
  const found = /position (\d+)/.exec(message)
  if (found === null) return /end of (JSON|data)|Unexpected end/i.test(message) ? ': it ends too early' : ''
  const before = text.slice(0, Number(found[1])).split('\n')
  return `: something is wrong in line ${before.length} at character ${before.at(-1)!.length + 1}`
}
