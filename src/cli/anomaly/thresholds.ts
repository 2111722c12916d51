// The thresholds that somebody tries, from the options of the command, beside those of the configuration.
import { AnomalyRules, checkAnomalyRules, install, parseCap, type Installation } from '../../engine/index.ts'
import { nodeHash } from '../../adapters/hash/index.ts'
import type { Context } from '../context.ts'
import { exit } from '../exit.ts'
import { CONFIG_FILE, loadConfig, teamConfig } from '../policy/config.ts'

export interface ThresholdOptions {
  readonly sigma?: string
  readonly margin?: string
  readonly minHistory?: string
  readonly minCount?: readonly string[]
  readonly cap?: readonly string[]
}

/** What the configuration says of a team. Without a file, where none was named: the defaults, and actions keep the names they have. */
export async function configuredFor(
  team: string,
  file: string | undefined,
  context: Context
): Promise<{ readonly rules: AnomalyRules; fullName(id: string): string }> {
  const found = await loadConfig(file).catch((error: unknown) => {
    if (file !== undefined) throw error
    context.note(`there is no ${CONFIG_FILE} here: the configured thresholds are the defaults`)
    return null
  })
  if (found === null) return { rules: checkAnomalyRules(undefined), fullName: (id) => id }
  const installation: Installation = install(teamConfig(found.config, context.env, team), nodeHash)
  const fullName = (id: string) => {
    const target = installation.actions.get(id)
    return target === undefined ? id : `${target.system.id}.${target.name}`
  }
  return { rules: installation.anomaly, fullName }
}

/** The configured rules with what the options change; null where they change nothing. Ends the command on what is no threshold. */
export function triedRules(configured: AnomalyRules, options: ThresholdOptions): AnomalyRules | null {
  const caps = options.cap ?? []
  const floors = options.minCount ?? []
  if ([options.sigma, options.margin, options.minHistory].every((one) => one === undefined) && caps.length + floors.length === 0)
    return null
  const tried = {
    ...configured,
    ...(options.sigma === undefined ? {} : { sigma: Number(options.sigma) }),
    ...(options.margin === undefined ? {} : { margin: Number(options.margin) }),
    ...(options.minHistory === undefined ? {} : { min_history: Number(options.minHistory) }),
    min_count: { ...configured.min_count, ...Object.fromEntries(floors.map(floorOf)) },
    ...(caps.length === 0 ? {} : { caps: caps.map(capOf) })
  }
  const parsed = AnomalyRules.safeParse(tried)
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw exit('usage', `\`${first?.path.join('.') ?? ''}\`: ${first?.message ?? 'is no threshold'}`)
}

function floorOf(text: string): [string, number] {
  const [, window, count] = /^(1m|1h|1d):(\d{1,7})$/.exec(text) ?? []
  if (window === undefined) throw exit('usage', `\`${text}\` is no floor: write a window and a count, such as 1h:300`)
  return [window, Number(count)]
}

function capOf(text: string) {
  const cap = parseCap(text)
  if (cap === null) throw exit('usage', `\`${text}\` is no cap: write an action, a number and a time, such as delete_row:400/60s`)
  return cap
}
