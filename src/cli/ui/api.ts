// What `enact ui` answers beside files: the Worker's own routes for reading, over a folder, and who is here.
import * as z from 'zod'
import { fault, parseInput } from '../../engine/index.ts'
import type { Actor, Host } from '../../http/host.ts'
import { answer, faultOf, problem, type Answer } from '../../http/problem.ts'
import { route, type Route } from '../../http/route.ts'
import { latestCheckpoint, listCheckpoints, publicKeys } from '../../http/routes/checkpoints.ts'
import { countReceipts, relatedReceipts } from '../../http/routes/receipt_views.ts'
import { listReceipts, proveReceipt, readReceipt } from '../../http/routes/receipts.ts'
import { RunPath } from '../../http/schema.ts'
import { checkEvidence } from '../receipts/check.ts'
import type { FolderHost, FolderTrust } from './folder_host.ts'

const FEATURES = ['receipts', 'search']
/** Team of a folder in which there is no receipt yet: that of an embedded client that was told none. */
const NO_TEAM = 'local'
const Status = z.enum(['ok', 'failed', 'not_checked'])

/** `GET /receipts/{run_id}/verification`: what this program checked with the secret and keys that it was given. */
export const FolderVerification = z.strictObject({
  run_id: z.string(),
  revision: z.int(),
  /** Nothing failed; `checks` says what was looked at at all. */
  ok: z.boolean(),
  checks: z.strictObject({ shape: Status, hmac: Status, ed25519: Status, leaf: Status, proof: Status, ledger: Status }),
  problems: z.array(z.string())
})

/** INVARIANT: these read, and ask their host for nothing but `FolderParts`. */
const SHARED: readonly Route[] = [
  listReceipts,
  // Before what would take `histogram` for a run.
  countReceipts,
  readReceipt,
  proveReceipt,
  relatedReceipts,
  listCheckpoints,
  latestCheckpoint,
  publicKeys
]

/** Answers a path of the API; null where it is none. Never throws: what goes wrong is a problem document, and told to `onBug`. */
export function folderApi(
  folder: FolderHost,
  trust: FolderTrust,
  onBug: (error: unknown) => void
): (url: URL, headers: Headers) => Promise<Answer | null> {
  const routes: readonly Route[] = [...SHARED, sessionRoute(), verificationRoute(folder, trust)]
  const host = folder.parts as unknown as Host
  const refuse = (error: unknown): Answer => problem(faultOf(error), host.ports.ids.runId())
  return async (url, headers) => {
    try {
      const found = routes.map((one) => ({ one, params: paramsOf(one.path, url.pathname) })).find(({ params }) => params !== null)
      if (found !== undefined) return await call(found.one, found.params!, url, headers, host, actorOf((await folder.team()) ?? NO_TEAM))
      return isApi(url.pathname) ? refuse(fault('not_found', 'this server has the receipts of a folder and nothing else')) : null
    } catch (error) {
      if (faultOf(error).code === 'internal') onBug(error)
      return refuse(error)
    }
  }
}

function call(one: Route, params: Record<string, string>, url: URL, headers: Headers, host: Host, actor: Actor): Answer | Promise<Answer> {
  const parsed = one.params === undefined ? { success: true as const, data: {} } : one.params.safeParse(params)
  if (!parsed.success) throw fault('not_found', 'there is no such receipt in this folder')
  const query = one.query === undefined ? {} : parseInput(one.query, queryOf(url))
  return one.handle({ host, actor, method: 'GET', headers, url, params: parsed.data, query, body: undefined, text: '' })
}

/** Each parameter once, as the Worker has it. */
function queryOf(url: URL): Record<string, string> {
  const names = [...url.searchParams.keys()]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw fault('invalid', `\`${twice}\` is given twice`, { errors: [{ pointer: `/${twice}`, detail: 'given twice' }] })
  return Object.fromEntries(url.searchParams)
}

/** Names beginning with `:` stand for one part; null where the path is another one. */
function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length || !wanted.every((part, i) => part.startsWith(':') || part === given[i])) return null
  return Object.fromEntries(wanted.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), given[i]!]] : [])))
}

/** Paths that the UI may ask for and that a folder cannot answer are problems in JSON, not pages that are missing. */
function isApi(path: string): boolean {
  return !/^\/(app|docs|$)/.test(path) && !/\.[a-z]+$/.test(path)
}

/** Whoever reached this server is who started it. */
function actorOf(team_id: string): Actor {
  return { api_key_id: 'folder', team_id, scopes: ['read'], user_email: null, attributes: {}, via: 'key', expires_at: null }
}

function sessionRoute(): Route {
  return route({
    id: 'folderSession',
    method: 'GET',
    path: '/session',
    access: ['read'],
    title: 'See which folder is read',
    tag: 'sessions',
    answers: { 200: { title: 'The folder’s team' } },
    async handle({ host, actor: { team_id, api_key_id, scopes } }) {
      const team_name = (await host.directory.team(team_id))?.name ?? null
      const who = { team_id, team_name, api_key_id, user_email: null, scopes, via: 'folder', expires_at: null }
      return answer(200, { ...who, features: FEATURES, is_dev: false })
    }
  })
}

function verificationRoute(folder: FolderHost, trust: FolderTrust): Route {
  return route({
    id: 'folderVerification',
    method: 'GET',
    path: '/receipts/:run_id/verification',
    access: ['read'],
    title: 'Check a receipt with the secret',
    tag: 'receipts',
    params: RunPath,
    answers: { 200: { title: 'What was checked', schema: FolderVerification } },
    async handle({ params: { run_id } }) {
      const evidence = await folder.evidence(run_id)
      if (evidence === null) throw fault('not_found', `there is no receipt \`${run_id}\``)
      const { receipt, proof, treeProblem } = evidence
      const { receipts } = await checkEvidence(
        { items: [{ label: run_id, value: receipt, proof }], keys: [], checkpoint: null, complete: false, problems: [], notes: [] },
        { keys: trust.secrets === null ? trust.keys : [], secrets: trust.secrets }
      )
      const { ok, checks, problems } = receipts[0]!
      const ledger = treeProblem === null ? ('ok' as const) : ('failed' as const)
      return answer(200, {
        run_id,
        revision: receipt.revision,
        ok: ok && treeProblem === null,
        checks: { ...checks, ledger },
        problems: treeProblem === null ? problems : [...problems, treeProblem]
      })
    }
  })
}
