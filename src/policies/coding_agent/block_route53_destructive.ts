// Names keep pointing where they point.
import * as z from 'zod'
import { commandTable, definePolicy, deny, judgeTool, spelt } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'aws route53 delete-*|disable-*|disassociate-*': 'deletes DNS',
  'aws route53domains delete-domain|disable-*|transfer-*|reject-*': 'gives a domain away',
  'aws route53resolver delete-*': 'deletes DNS',
  'gcloud dns ** delete': 'deletes DNS',
  'gcloud dns record-sets transaction remove': 'deletes DNS',
  'gcloud domains registrations delete': 'gives a domain away',
  'az network dns|private-dns ** delete': 'deletes DNS',
  'az network dns ** remove-record': 'deletes DNS',
  'flarectl dns|zone delete|d': 'deletes DNS',
  'cf-terraforming destroy': 'deletes DNS',
  'doctl compute domain delete': 'deletes DNS',
  'doctl compute domain records delete': 'deletes DNS',
  'linode-cli domains delete|records-delete': 'deletes DNS',
  'vercel dns|domains rm|remove': 'deletes DNS',
  'netlify dns delete': 'deletes DNS',
  'pdnsutil|pdns_control delete-*|purge': 'deletes DNS',
  'octodns-sync --doit': 'changes DNS unasked',
  'hcloud zone delete': 'deletes DNS'
})
const REMEDY = 'ask a person to change DNS'

/** Denies deleting DNS zones, records and domains at Route 53, Cloud DNS, Azure, Cloudflare and others. */
export const blockRoute53Destructive = definePolicy({
  id: 'block_route53_destructive',
  title: 'No deleting of DNS',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const change = reading.programs.has('aws')
          ? reading.lines.find(
              (line) =>
                line.operands[1] === 'change-resource-record-sets' && line.words.some((word) => /"?Action"?\s*[:=]\s*"?DELETE/i.test(word))
            )
          : undefined
        return change === undefined
          ? foundIn(TABLE, REMEDY)(reading)
          : deny(`\`${spelt(change).slice(0, 120)}\` deletes DNS`, { remedy: REMEDY })
      },
      'no DNS is deleted'
    )
})
