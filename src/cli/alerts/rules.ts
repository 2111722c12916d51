// Rules on a terminal: what people are alerted to, and hearing nothing of it for a while.
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { callerOf } from '../installation.ts'
import { listed, shaped } from '../pages.ts'
import { table, visible } from '../print.ts'
import { untilOf } from './until.ts'
import { AlertRule, type Options } from './wire.ts'

export async function listRules(options: Options, context: Context): Promise<void> {
  const rules = await listed(callerOf(options, context), '/alert-rules', AlertRule)
  if (options.json) return context.json(rules)
  if (rules.length === 0) return void context.out('this configuration has no rules')
  const now = Date.now()
  context.out(
    table([
      ['RULE', 'SEVERITY', 'IN 24 H', 'LAST', 'MUTED UNTIL', 'TITLE'],
      ...rules.map(({ rule, severity, fired_24h, last_at, muted_until, title }) => [
        rule,
        severity,
        String(fired_24h),
        last_at ?? '–',
        muted_until !== null && Date.parse(muted_until) > now ? muted_until : '–',
        title
      ])
    ])
  )
}

export async function muteRule(
  rule: string,
  options: Options & { readonly until?: string; readonly for?: string },
  context: Context
): Promise<void> {
  await change(rule, untilOf(options, Date.now()), options, context)
}

export async function unmuteRule(rule: string, options: Options, context: Context): Promise<void> {
  await change(rule, null, options, context)
}

async function change(rule: string, muted_until: string | null, options: Options, context: Context): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(rule)) throw exit('usage', `\`${rule}\` is no rule's name: \`enact alerts rules\` shows them`)
  const body = { muted_until }
  const changed = shaped(AlertRule, await callerOf(options, context)({ method: 'PATCH', path: `/alert-rules/${rule}`, body }))
  if (options.json) context.json(changed)
  else
    context.out(
      changed.muted_until === null ? `${visible(rule)} is heard` : `${visible(rule)} is muted until ${visible(changed.muted_until)}`
    )
}
