// `enact alerts`: what somebody should look at in an installation, who is told of it, and by which rules.
import type { Command } from 'commander'
import { listChannels, testChannel } from '../alerts/channels.ts'
import { listRules, muteRule, unmuteRule } from '../alerts/rules.ts'
import { acknowledgeAlert, listAlerts, resolveAlert, showAlert, type ListOptions } from '../alerts/told.ts'
import { SEVERITIES, STATUSES, type Options } from '../alerts/wire.ts'
import type { Context } from '../context.ts'
import { installation } from '../installation.ts'

/** Adds its subcommands. */
export function register(alerts: Command, context: Context): void {
  const add = (name: string, description: string) => installation(alerts.command(name).description(description))
  add('list', 'alerts, the newest first')
    .option('--status <status>', STATUSES.join(', '))
    .option('--severity <severity>', SEVERITIES.join(', '))
    .option('--rule <rule>', 'of this rule only')
    .option('--limit <count>', 'at most so many (default: 50)')
    .action((options: ListOptions) => listAlerts(options, context))
  add('show', 'an alert with its receipts, and who was told')
    .argument('<alert_id>')
    .action((id: string, options: Options) => showAlert(id, options, context))
  add('ack', 'say that somebody is at it')
    .argument('<alert_id>')
    .option('--note <text>', 'for whoever comes next')
    .action((id: string, options: Options & { note?: string }) => acknowledgeAlert(id, options, context))
  add('resolve', 'say that it is over')
    .argument('<alert_id>')
    .action((id: string, options: Options) => resolveAlert(id, options, context))
  add('rules', 'what people are alerted to').action((options: Options) => listRules(options, context))
  add('mute', 'tell nobody of a rule for a while')
    .argument('<rule>')
    .option('--for <while>', 'like 30m, 8h, 7d')
    .option('--until <time>', 'RFC 3339')
    .action((rule: string, options: Options & { until?: string; for?: string }) => muteRule(rule, options, context))
  add('unmute', 'tell people of a rule again')
    .argument('<rule>')
    .action((rule: string, options: Options) => unmuteRule(rule, options, context))
  add('channels', 'who is told').action((options: Options) => listChannels(options, context))
  add('test', 'send a test by a channel, and see what its vendor says')
    .argument('<channel_id>')
    .action((id: string, options: Options) => testChannel(id, options, context))
}
