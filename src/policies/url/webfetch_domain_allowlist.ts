// Only places that were chosen are visited.
import * as z from 'zod'
import { definePolicy } from '../../engine/index.ts'
import { Address, hostOf, isBelow, judgeAddresses, ON_FETCHES } from './addresses.ts'

/** Denies addresses whose host is neither an entry of `allowed` nor below one. An empty list blocks all. */
export const webfetchDomainAllowlist = definePolicy({
  id: 'webfetch_domain_allowlist',
  title: 'Only listed domains',
  params: z.strictObject({ allowed: z.array(z.string().min(1)) }),
  reads: Address,
  on: ON_FETCHES,
  parses: ['shell'],
  evaluate: (context, { allowed }) =>
    judgeAddresses(
      context,
      allowed.length === 0 ? 'ask a person to list the domain' : `use one of ${allowed.slice(0, 10).join(', ')}`,
      'every host is listed',
      (url) => {
        const host = hostOf(url)
        return allowed.some((entry) => isBelow(host, entry)) ? null : `is at \`${host}\`, which is not listed`
      }
    )
})
