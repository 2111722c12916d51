// `enact doctor`: whether an installation is reached, serves, takes the key, keeps the same time, and has everything set up.
import type { Command } from 'commander'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { exit, exitAfterAnswer, type EXIT } from '../exit.ts'
import { callerOf, installation, type Named } from '../installation.ts'
import { paint, visible } from '../print.ts'

interface Options extends Named {
  readonly json?: boolean
}

/** `note`: left to do, and nothing is broken by it. */
interface Finding {
  readonly check: string
  readonly state: 'ok' | 'note' | 'failed'
  readonly detail: string
  /** Why the command ends badly. */
  readonly why?: keyof typeof EXIT
}

const Health = z.looseObject({ status: z.string(), version: z.string(), detail: z.string().optional() })
const Session = z.looseObject({
  team_id: z.string(),
  scopes: z.array(z.string()),
  user_email: z.string().nullable(),
  expires_at: z.string().nullable()
})
const Checklist = z.looseObject({
  data: z.array(z.looseObject({ title: z.string(), done: z.boolean(), detail: z.string(), how: z.string() }))
})
/** Signed links, leases and expiry are judged by the installation's clock. */
const SKEW_MS_MAX = 30_000
const TIMEOUT_MS = 10_000

/** Adds its options. */
export function register(doctor: Command, context: Context): void {
  installation(doctor).action(async (options: Options) => {
    const findings = await examine(options, context)
    const failed = findings.find(({ state }) => state === 'failed')
    if (options.json) context.json({ ok: failed === undefined, findings })
    else for (const { check, state, detail } of findings) context.out(`${mark(state)}  ${visible(check)}: ${visible(detail)}`)
    if (!options.json) context.note('the hooks of coding agents: enact hooks doctor')
    if (failed !== undefined) throw exitAfterAnswer(failed.why ?? 'unexpected', `${failed.check}: ${failed.detail}`)
  })
}

function mark(state: Finding['state']): string {
  return state === 'ok' ? paint('green', 'ok  ') : state === 'note' ? paint('yellow', 'todo') : paint('red', 'FAIL')
}

async function examine(options: Options, context: Context): Promise<Finding[]> {
  const given = options.url ?? context.env.ENACT_URL
  const url = given === undefined || given === '' ? null : URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol)) throw exit('usage', 'say which installation: --url <address> (or ENACT_URL)')
  const findings: Finding[] = [transportOf(url)]
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  const sentAt = Date.now()
  const response = await fetch(`${base}/healthz`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null)
  if (response === null)
    return [...findings, { check: 'it is reached', state: 'failed', detail: `\`${base}\` does not answer`, why: 'network' }]
  const health = Health.safeParse(await response.json().catch(() => null))
  if (!health.success) return [...findings, { check: 'it is reached', state: 'failed', detail: `\`${base}\` is no Enact installation` }]
  findings.push({ check: 'it is reached', state: 'ok', detail: `${base}, version ${health.data.version}` })
  findings.push(
    health.data.status === 'ok'
      ? { check: 'it serves', state: 'ok', detail: 'its database answers' }
      : { check: 'it serves', state: 'failed', detail: health.data.detail ?? health.data.status }
  )
  findings.push(skewOf(response.headers.get('date'), (sentAt + Date.now()) / 2))
  return [...findings, ...(await keyOf(options, context))]
}

function transportOf({ protocol, hostname, origin }: URL): Finding {
  const isSafe = protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  return {
    check: 'the way there',
    state: isSafe ? 'ok' : 'failed',
    detail: isSafe ? origin : 'the key would be sent over http, unencrypted'
  }
}

function skewOf(date: string | null, now: number): Finding {
  const theirs = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(theirs)) return { check: 'the same time', state: 'note', detail: 'it does not say its time' }
  const skewMs = theirs - now
  // The header counts in whole seconds.
  const isSame = Math.abs(skewMs) <= SKEW_MS_MAX
  return {
    check: 'the same time',
    state: isSame ? 'ok' : 'failed',
    detail: `its clock is ${Math.abs(Math.round(skewMs / 1_000))} s ${skewMs < 0 ? 'behind' : 'ahead'}`
  }
}

async function keyOf(options: Options, context: Context): Promise<Finding[]> {
  const check = 'the key'
  const call = await attempt(() => callerOf(options, context))
  if (call instanceof Error) return [{ check, state: 'failed', detail: call.message, why: 'auth' }]
  const answer = await attempt(() => call({ method: 'GET', path: '/session' }))
  if (answer instanceof Error) return [{ check, state: 'failed', detail: answer.message, why: 'auth' }]
  const parsed = Session.safeParse(answer)
  if (!parsed.success) return [{ check, state: 'failed', detail: 'it is answered by something else' }]
  const session = parsed.data
  const who = session.user_email === null ? '' : `, for ${session.user_email}`
  const until = session.expires_at === null ? '' : `, until ${session.expires_at}`
  const findings: Finding[] = [{ check, state: 'ok', detail: `team ${session.team_id}, scopes ${session.scopes.join(', ')}${who}${until}` }]
  if (!session.scopes.includes('run'))
    findings.push({ check: 'agents', state: 'note', detail: 'this key has no scope `run`: no agent can use it' })
  if (!session.scopes.includes('admin')) return findings
  const list = Checklist.safeParse(await attempt(() => call({ method: 'GET', path: '/setup/checklist' })))
  if (!list.success) return [...findings, { check: 'the setup', state: 'failed', detail: 'its checklist is not answered' }]
  return [
    ...findings,
    ...list.data.data.map(({ title, done, detail, how }): Finding => ({
      check: title,
      state: done ? 'ok' : 'note',
      detail: done ? detail : `${detail}: ${how}`
    }))
  ]
}

async function attempt<T>(work: () => T | Promise<T>): Promise<T | Error> {
  try {
    return await work()
  } catch (error) {
    return error as Error
  }
}
