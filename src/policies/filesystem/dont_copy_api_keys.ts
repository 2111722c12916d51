// Secrets are not written into files.
import * as z from 'zod'
import { allow, definePolicy, deny, findApiKey } from '../../engine/index.ts'

/** Denies a `content` that holds a known secret shape. */
export const dontCopyApiKeys = definePolicy({
  id: 'dont_copy_api_keys',
  title: 'No API keys in files',
  params: z.strictObject({}),
  reads: z.object({ content: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { content } }) {
    const secret = content === undefined ? null : findApiKey(content)
    if (secret === null) return allow('no known secret shape is in the content')
    return deny(`\`content\` holds what looks like a secret (${secret.shape})`, {
      remedy: 'refer to the secret by its name in the environment'
    })
  }
})
