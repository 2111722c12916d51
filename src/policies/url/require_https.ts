// What is fetched is what was sent.
import * as z from 'zod'
import { definePolicy } from '../../engine/index.ts'
import { Address, hostOf, isLoopback, judgeAddresses, ON_FETCHES } from './addresses.ts'

/** Denies addresses that are not `https:` (or `wss:`); with `allow_loopback` this machine may be reached without. */
export const requireHttps = definePolicy({
  id: 'require_https',
  title: 'Only https',
  params: z.strictObject({ allow_loopback: z.boolean().default(false) }),
  reads: Address,
  on: ON_FETCHES,
  parses: ['shell'],
  evaluate: (context, { allow_loopback }) =>
    judgeAddresses(context, 'use https', 'every address is https', (url) =>
      url.protocol === 'https:' || url.protocol === 'wss:' || (allow_loopback && isLoopback(hostOf(url)))
        ? null
        : `is \`${url.protocol}\`, not https`
    )
})
