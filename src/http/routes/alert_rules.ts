// Rules of alerts: which there are stands in the configuration; admins may mute one and say how grave it is.
import { fault, timeText, type AlertRule, type AlertSetting, type AlertTally } from '../../engine/index.ts'
import { AlertRuleChanged, AlertRulePatch, AlertRulePath, AlertRuleShown } from '../alert_schema.ts'
import { applyChange, changeOf } from '../change.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { pageOf } from '../schema.ts'

const UNSET: AlertSetting = { muted_until: null, severity: null }

/** `GET /alert-rules`. */
export const listAlertRules = route({
  id: 'listAlertRules',
  method: 'GET',
  path: '/alert-rules',
  access: ['read'],
  title: 'List the rules of alerts',
  about: 'All of them, in the order of the configuration.',
  tag: 'alerts',
  answers: { 200: { title: 'The rules', schema: pageOf(AlertRuleShown) } },
  async handle({ host, actor: { team_id } }) {
    const now = host.ports.clock.now()
    const [settings, tallies] = await Promise.all([host.alerts.settings(team_id), host.alerts.tallies(team_id, now)])
    const data = host.alertRules(team_id).map((rule) => shown(rule, settings.get(rule.id) ?? UNSET, tallies.get(rule.id), now))
    return answer(200, { data, next_cursor: null, has_more: false })
  }
})

/** `PATCH /alert-rules/{rule}`. */
export const changeAlertRule = route({
  id: 'changeAlertRule',
  method: 'PATCH',
  path: '/alert-rules/:rule',
  access: ['admin'],
  title: 'Mute a rule, or say how grave it is',
  about:
    'While a rule is muted its alerts are kept and nobody is told. `severity: null` gives the rule its own back. Receipted as `alert_rule_changed`: `run_id` names the receipt, and is null where nothing changed.',
  tag: 'alerts',
  params: AlertRulePath,
  body: AlertRulePatch,
  answers: { 200: { title: 'The rule as it is now', schema: AlertRuleChanged } },
  async handle({ host, actor, params, body }) {
    const { team_id } = actor
    const rule = host.alertRules(team_id).find(({ id }) => id === params.rule)
    if (rule === undefined) throw fault('not_found', `there is no alert rule \`${params.rule}\``)
    const done = await applyChange<AlertSetting>(host, async () => {
      const before = (await host.alerts.settings(team_id)).get(rule.id) ?? UNSET
      const after: AlertSetting = {
        muted_until: body.muted_until === undefined ? before.muted_until : body.muted_until === null ? null : Date.parse(body.muted_until),
        severity: body.severity === undefined ? before.severity : body.severity
      }
      if (before.muted_until === after.muted_until && before.severity === after.severity)
        return { again: false, value: before, change: null }
      const change = changeOf(host, actor, 'alert_rule_changed', rule.id, told(before), told(after))
      if ((await host.alerts.writeSetting(rule.id, before, after, change)) === 'moved_on') return { again: true }
      return { again: false, value: after, change }
    })
    const now = host.ports.clock.now()
    const tally = (await host.alerts.tallies(team_id, now)).get(rule.id)
    return answer(200, { ...shown(rule, done.value, tally, now), run_id: done.run_id })
  }
})

function told({ muted_until, severity }: AlertSetting) {
  return { muted_until: muted_until === null ? null : timeText(muted_until), severity }
}

/** A mute that is over is none. */
function shown({ id, title, description, severity }: AlertRule, setting: AlertSetting, tally: AlertTally | undefined, now: number) {
  const isMuted = setting.muted_until !== null && setting.muted_until > now
  return {
    rule: id,
    title,
    description,
    severity: setting.severity ?? severity,
    default_severity: severity,
    muted_until: isMuted ? timeText(setting.muted_until!) : null,
    fired_24h: tally?.fired_24h ?? 0,
    last_at: tally === undefined || tally.last_at === null ? null : timeText(tally.last_at)
  }
}
