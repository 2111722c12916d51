// Top-level domains that are used for little good.
import * as z from 'zod'
import { definePolicy } from '../../engine/index.ts'
import { Address, hostOf, isIp, judgeAddresses, ON_FETCHES } from './addresses.ts'

const TLDS = (
  'zip mov xyz top tk ml ga cf gq click country kim work link review stream download racing loan party science date faith win bid trade webcam ' +
  'cricket accountant men rest surf cam monster quest cyou icu sbs cfd buzz gdn mom lol hair skin makeup beauty autos boats onion bazar'
).split(' ')

/** Denies addresses whose host ends in a listed top-level domain (`tlds`). */
export const blockSuspiciousTlds = definePolicy({
  id: 'block_suspicious_tlds',
  title: 'No suspicious top-level domains',
  params: z.strictObject({ tlds: z.array(z.string().min(1)).default(TLDS) }),
  reads: Address,
  on: ON_FETCHES,
  parses: ['shell'],
  evaluate: (context, { tlds }) =>
    judgeAddresses(context, 'use the address of a site that is known', 'no top-level domain is suspicious', (url) => {
      const host = hostOf(url)
      const tld = host.split('.').at(-1)!
      return !isIp(host) && host.includes('.') && tlds.some((one) => one.replace(/^\./, '').toLowerCase() === tld)
        ? `is in the top-level domain \`${tld}\``
        : null
    })
})
