// Messages go to channels that were chosen.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'

/** Denies a `channel` that is not listed; `#general` and `general` are one, ids are compared exactly. An empty list blocks every channel. */
export const requireChannelAllowlist = definePolicy({
  id: 'require_channel_allowlist',
  title: 'Only listed channels',
  params: z.strictObject({ channels: z.array(z.string().min(1)) }),
  reads: z.object({ channel: z.string().optional() }),
  on: ['slack.*'],
  evaluate({ reads: { channel } }, { channels }) {
    if (channel === undefined) return allow('no channel is named')
    const name = nameOf(channel)
    if (channels.some((listed) => nameOf(listed) === name)) return allow(`channel ${quoted(channel)} is listed`)
    const all = channels.map((listed) => quoted(listed)).join(', ')
    if (channels.length === 0) return deny(`channel ${quoted(channel)} is not listed: no channel is`)
    return deny(`channel ${quoted(channel)} is not listed: allowed are ${all}`, { remedy: `use one of ${all}` })
  }
})

/** Names are lower case in Slack; ids (`C0123ABCD`) are not, and must not be taken for names. */
function nameOf(channel: string): string {
  const plain = channel
    .trim()
    .replace(/^<#([A-Z0-9]+)(\|[^>]*)?>$/, '$1')
    .replace(/^#/, '')
  return /^[A-Z0-9]+$/.test(plain) ? plain : plain.toLowerCase()
}
