// Secrets never enter a repository.
import * as z from 'zod'
import { allow, definePolicy, deny, findApiKey, findHiddenApiKey, quoted, textOfBytes, unbase64 } from '../../engine/index.ts'

/** Denies when what is committed holds a known secret shape: in `diff` (added lines), `content`, `content_base64`, `commit_message` or the contents of `files`. */
export const dontCommitApiKeys = definePolicy({
  id: 'dont_commit_api_keys',
  title: 'No API keys in commits',
  params: z.strictObject({}),
  reads: z.object({
    diff: z.string().optional(),
    content: z.string().optional(),
    content_base64: z.string().optional(),
    commit_message: z.string().optional(),
    files: z.unknown().optional()
  }),
  on: ['github.*'],
  evaluate({ reads: { diff, content, content_base64, commit_message, files } }) {
    const texts: [place: string, text: string | undefined][] = [
      ['diff', diff && added(diff)],
      ['content', content],
      ['content_base64', content_base64 && decoded(content_base64)],
      ['commit_message', commit_message],
      ...textsOf(files)
    ]
    for (const [place, text] of texts) {
      const secret = text ? (place === 'content_base64' ? findHiddenApiKey(text) : findApiKey(text)) : null
      if (secret !== null)
        return deny(`${quoted(place)} holds what looks like a secret (${secret.shape})`, {
          remedy: 'take the key out, read it from the environment, and revoke it if it was real'
        })
    }
    return allow('no known secret shape is in what is committed')
  }
})

/** A unified diff without the lines that it removes: taking a secret out must stay possible. */
function added(diff: string): string {
  return /^@@ /m.test(diff) ? diff.replace(/^-(?!--).*$/gm, '') : diff
}

/** Every text in `files`, however they are listed; base64 is decoded. */
function textsOf(files: unknown, place = 'files'): [string, string][] {
  if (typeof files === 'string') return [[place, files]]
  if (files === null || typeof files !== 'object') return []
  const texts = Object.entries(files).flatMap(([key, value]) => textsOf(value, `${place}.${key}`))
  const { content, encoding } = files as { content?: unknown; encoding?: unknown }
  const bytes = encoding === 'base64' && typeof content === 'string' ? unbase64(content) : null
  return bytes === null ? texts : [...texts, [`${place}.content`, textOfBytes(bytes)]]
}

/** What is no base64 is judged as it stands. */
function decoded(content: string): string {
  const bytes = unbase64(content)
  return bytes === null ? content : textOfBytes(bytes)
}
