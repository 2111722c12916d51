// The Worker: what the platform calls. The insides of its objects and its door come from the edge.
import { WorkerEntrypoint } from 'cloudflare:workers'
import { activityObject } from '../durable/activity.ts'
import { agentSessionObject } from '../durable/agent_session.ts'
import { approvalObject } from '../durable/approval.ts'
import { budgetObject } from '../durable/budget.ts'
import { exportObject } from '../durable/export.ts'
import { ledgerObject } from '../durable/ledger.ts'
import { locksObject } from '../durable/locks.ts'
import { runObject } from '../durable/run.ts'
import { systemClock } from './adapters/clock/system.ts'
import { exportSource } from './adapters/edge/export_source.ts'
import { hashParts, nodeHash } from './adapters/hash/index.ts'
import { checkProps, type BindingProps, type BoundGate } from './integrations/binding.ts'
import { edge, log, seenAt } from './edge.ts'
import { issueReceipt } from './engine/index.ts'

/** The cron of wrangler.toml that only looks for runs; every other one does all the chores. */
const EVERY_MINUTE = '* * * * *'

/** The insides of a team's ledger. */
export class LedgerObject extends ledgerObject<Env>((env) => ({
  ...edge(env).ports,
  project: edge(env).receipts.put,
  issue: (draft) => issueReceipt(draft, edge(env).ports),
  copies: edge(env).copies,
  publish: edge(env).webhooks.publish,
  watch: edge(env).watch,
  log
})) {}
/** The insides of a team's locks. */
export class LocksObject extends locksObject<Env>((env) => ({ clock: systemClock, receipt: edge(env).lockReceipt, log })) {}
/** The insides of a team's budgets. */
export class BudgetObject extends budgetObject<Env>(() => ({ clock: systemClock })) {}
/** The insides of a team's activity. */
export class ActivityObject extends activityObject<Env>((env) => ({
  clock: systemClock,
  hash: nodeHash,
  rules: (team) => edge(env).installation(team).anomaly
})) {}
/** The insides of an agent's session. */
export class AgentSessionObject extends agentSessionObject<Env>(() => ({ clock: systemClock })) {}
/** The insides of an approval. */
export class ApprovalObject extends approvalObject<Env>((env) => ({ ports: edge(env).runPorts, work: edge(env).approvals.work, log })) {}
/** The insides of an export. */
export class ExportObject extends exportObject<Env>((env) => ({
  clock: systemClock,
  hash: nodeHash,
  answer: exportSource(env.LEDGER, edge(env).ports.keys),
  digest: hashParts,
  tell: edge(env).exports.tell,
  remove: edge(env).exports.forget,
  log
})) {}
/** The insides of a run. */
export class RunObject extends runObject<Env>((env) => ({
  ports: edge(env).runPorts,
  installation: edge(env).installation,
  unfinished: edge(env).unfinished,
  log
})) {}

/** For service bindings: `decide`, `reportOutcome`, `run`, as the team and the user of the binding's `props`. */
export class EnactEntrypoint extends WorkerEntrypoint<Env, BindingProps> implements BoundGate {
  get #gate(): BoundGate {
    return edge(this.env).boundTo(checkProps(this.ctx.props))
  }
  decide(...asked: Parameters<BoundGate['decide']>): ReturnType<BoundGate['decide']> {
    return this.#gate.decide(...asked)
  }
  reportOutcome(...told: Parameters<BoundGate['reportOutcome']>): Promise<void> {
    return this.#gate.reportOutcome(...told)
  }
  run(...asked: Parameters<BoundGate['run']>): ReturnType<BoundGate['run']> {
    return this.#gate.run(...asked)
  }
}

export default {
  fetch(request, env) {
    seenAt(new URL(request.url).origin)
    return edge(env).appFor(request).fetch(request) as Promise<Response>
  },
  queue: ({ queue, messages }, env) => edge(env).deliver(queue, messages),
  scheduled: ({ cron }, env) => edge(env).chores(cron === EVERY_MINUTE)
} satisfies ExportedHandler<Env>
