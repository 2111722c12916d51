// Addresses made to take data out.
import * as z from 'zod'
import { definePolicy } from '../../engine/index.ts'
import { Address, hostOf, isBelow, isIp, judgeAddresses, ON_FETCHES } from './addresses.ts'

const DOMAINS = (
  'interact.sh oast.pro oast.live oast.site oast.online oast.fun oast.me oastify.com burpcollaborator.net webhook.site requestbin.com requestbin.net ' +
  'pipedream.net requestcatcher.com requestrepo.com hookbin.com beeceptor.com mockbin.org dnslog.cn dnslog.link ceye.io canarytokens.com canarytokens.org ' +
  'dnsbin.zhack.ca xss.ht bxss.me eyes.sh tukaani.pw rbnd.gl0.eu 1u.ms rbndr.us nip.io.evil postb.in ptsv2.com ptsv3.com hookdeck.events smee.io ' +
  'transfer.sh file.io 0x0.st temp.sh bashupload.com termbin.com pastebin.com paste.ee hastebin.com ix.io sprunge.us ngrok.io ngrok.app ngrok-free.app ' +
  'ngrok-free.dev trycloudflare.com serveo.net localhost.run loca.lt localtunnel.me pagekite.me bore.pub'
).split(' ')

/** Denies addresses at services that show their visitors’ data (`domains`), and hosts with data in their names: long labels of random letters. */
export const blockDnsExfilDomains = definePolicy({
  id: 'block_dns_exfil_domains',
  title: 'No addresses that take data out',
  params: z.strictObject({ domains: z.array(z.string().min(1)).default(DOMAINS) }),
  reads: Address,
  on: ON_FETCHES,
  parses: ['shell'],
  evaluate: (context, { domains }) =>
    judgeAddresses(context, 'use the address of the service itself', 'no address takes data out', (url) => {
      const host = hostOf(url)
      if (isIp(host)) return null
      const listed = domains.find((domain) => isBelow(host, domain))
      if (listed !== undefined) return `is at \`${listed}\`, which takes data out`
      return holdsData(host) ? 'holds data in the name of its host' : null
    })
})

/** Encoded data: a label of 32 or more hex or base32 letters, or several long ones that are no words. */
function holdsData(host: string): boolean {
  const labels = host.split('.').slice(0, -2)
  if (labels.some((label) => label.length >= 50 && /\d/.test(label))) return true
  const encoded = labels.filter((label) => /^(?:[0-9a-f]{32,}|(?=[a-z2-7]*[2-7])(?=(?:[a-z2-7]*[2-7]){3})[a-z2-7]{32,})$/.test(label))
  return encoded.length > 1 || (encoded.length === 1 && encoded[0]!.length >= 40) || labels.join('').length > 100
}
