// Secrets are not written into files.
import * as z from 'zod'
import { allow, definePolicy, deny, findHiddenApiKey, textOfBytes, unbase64 } from '../../engine/index.ts'

/** Denies a `content`, or the bytes of a `content_base64`, that hold a known secret shape: also in UTF-16, or broken over lines. */
export const dontCopyApiKeys = definePolicy({
  id: 'dont_copy_api_keys',
  title: 'No API keys in files',
  params: z.strictObject({}),
  reads: z.object({ content: z.string().optional(), content_base64: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { content, content_base64 } }) {
    const bytes = content_base64 === undefined ? null : unbase64(content_base64)
    if (content_base64 !== undefined && bytes === null)
      return deny('`content_base64` is not base64, so that nobody can tell what is in it', { remedy: 'send base64 without line breaks' })
    for (const [place, text] of [
      ['content', content ?? ''] as const,
      ['content_base64', bytes === null ? '' : textOfBytes(bytes)] as const
    ]) {
      const secret = text === '' ? null : findHiddenApiKey(text)
      if (secret !== null)
        return deny(`\`${place}\` holds what looks like a secret (${secret.shape})`, {
          remedy: 'refer to the secret by its name in the environment'
        })
    }
    return allow('no known secret shape is in the content')
  }
})
