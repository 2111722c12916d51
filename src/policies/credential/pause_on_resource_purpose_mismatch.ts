// A credential is used for what it was given for.
import * as z from 'zod'
import { allow, ask, definePolicy, fold, quoted } from '../../engine/index.ts'

/** Asks a person when the scope of `resource_target` is not the one of `credential_purpose`: a token for staging used on production, one for domains on a volume. */
export const pauseOnResourcePurposeMismatch = definePolicy({
  id: 'pause_on_resource_purpose_mismatch',
  title: 'Credentials are used for their purpose',
  params: z.strictObject({}),
  reads: z.object({ credential_purpose: z.string().optional(), resource_target: z.string().optional() }),
  evaluate({ reads: { credential_purpose, resource_target } }) {
    if (credential_purpose === undefined || resource_target === undefined) return allow('no credential and resource are named together')
    const purpose = scopeOf(credential_purpose)
    const target = scopeOf(resource_target)
    if (purpose.length > 0 && purpose.every((part, at) => part === target[at]))
      return allow(`${quoted(resource_target)} is within ${quoted(credential_purpose)}`)
    return ask(`the credential is for ${quoted(credential_purpose)}, and would be used on ${quoted(resource_target)}`, {
      remedy: `use a credential that was made for ${quoted(resource_target)}`
    })
  }
})

const SAME: Readonly<Record<string, string>> = {
  prod: 'production',
  prd: 'production',
  live: 'production',
  stage: 'staging',
  stg: 'staging',
  dev: 'development',
  develop: 'development',
  qa: 'test',
  testing: 'test'
}

/** `Prod/Billing-DB` as its parts; a purpose covers what lies below it. */
function scopeOf(text: string): string[] {
  return fold(text)
    .trim()
    .split(/[/:.\s]+/)
    .filter((part) => part !== '' && part !== '*')
    .map((part) => SAME[part] ?? part)
}
