// A name says whose address it is, a number does not.
import * as z from 'zod'
import { definePolicy } from '../../engine/index.ts'
import { Address, hostOf, isIp, isLoopback, judgeAddresses, ON_FETCHES } from './addresses.ts'

/** Denies addresses whose host is an IP address in any spelling (decimal, octal, hexadecimal, IPv6); with `allow_loopback` this machine is none. */
export const blockRawIpUrls = definePolicy({
  id: 'block_raw_ip_urls',
  title: 'No addresses by number',
  params: z.strictObject({ allow_loopback: z.boolean().default(false) }),
  reads: Address,
  on: ON_FETCHES,
  parses: ['shell'],
  evaluate: (context, { allow_loopback }) =>
    judgeAddresses(context, 'use the name of the host', 'no host is an IP address', (url) => {
      const host = hostOf(url)
      return isIp(host) && !(allow_loopback && isLoopback(host)) ? `has the IP address \`${host}\` for a host` : null
    })
})
