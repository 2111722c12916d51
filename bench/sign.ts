// A receipt issued, signed and verified: against parsing, printing, one HMAC and one Ed25519 of the same sizes.
import { createHmac, randomBytes } from 'node:crypto'
import { nodeHash } from '../src/adapters/hash/index.ts'
import { webcryptoKeys } from '../src/adapters/keys/index.ts'
import { memorySealed } from '../src/adapters/sealed/index.ts'
import { contextOf, judgeAll } from '../src/engine/gate.ts'
import { issueReceipt, type Draft } from '../src/engine/issue.ts'
import { nodeParsers } from '../src/adapters/parsers/node.ts'
import { signingBytes, verifyReceipt, type PolicyResult } from '../src/engine/index.ts'
import { dontMergeToMain, dontPushToMain, maxFilesPerCommit, requireBranchPrefix, codeFreezeActive } from '../src/policies/index.ts'
import { against, type Figure } from './measure.ts'

const policies = [dontPushToMain(), requireBranchPrefix(), dontMergeToMain(), maxFilesPerCommit(), codeFreezeActive()]
const payload = {
  repo: 'acme/app',
  branch: 'agent/fix-123',
  base: 'develop',
  file_count: 3,
  title: 'Handle an empty cart',
  body: 'x'.repeat(500)
}

function draft(policy_results: PolicyResult[]): Draft {
  return {
    run_id: '0198c0de-0000-7000-8000-000000000000',
    revision: 0,
    team_id: 'acme',
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'agent_pr_workflow',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k', session_id: null },
    payload,
    policy_results,
    facts: {},
    decision: 'PASS',
    outcome: 'SUCCEEDED',
    actions_taken: [],
    approval: null,
    locks: [],
    links: {},
    config_digest: `sha256:${'0'.repeat(64)}`,
    engine_version: '0.1.0',
    timestamp: '2026-01-01T00:00:00.000Z'
  }
}

/** Decide-and-sign and verify, each beside its floor. */
export async function signFigures(): Promise<Figure[]> {
  const parsers = nodeParsers()
  const keys = webcryptoKeys({ secret: randomBytes(32).toString('hex') })
  const keyring = await keys.team('acme')
  const ports = { hash: nodeHash, keys, sealed: memorySealed() }
  const subject = { team_id: 'acme', workflow: 'agent_pr_workflow', user_email: 'agent@company.com', user_attributes: {}, mode: 'mediated' }
  const nothing = new Map<string, string>()
  const decideAndSign = () => issueReceipt(draft(judgeAll(policies, contextOf(subject, payload, {}, 0, { parsers }, null), nothing)), ports)
  const receipt = await decideAndSign()
  const text = nodeHash.text(signingBytes(receipt, nodeHash))
  const body = text.slice(text.indexOf('{'))
  const bytes = nodeHash.utf8(text)
  const secret = randomBytes(32)
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  const floorSign = async () => {
    const printed = JSON.stringify(JSON.parse(body))
    createHmac('sha256', secret).update(bytes).digest('hex')
    return [printed, await crypto.subtle.sign('Ed25519', pair.privateKey, bytes as Uint8Array<ArrayBuffer>)]
  }
  const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, bytes as Uint8Array<ArrayBuffer>)
  const floorVerify = async () => {
    const printed = JSON.stringify(JSON.parse(body))
    createHmac('sha256', secret).update(bytes).digest('hex')
    return [printed, await crypto.subtle.verify('Ed25519', pair.publicKey, signature, bytes as Uint8Array<ArrayBuffer>)]
  }
  return [
    await against(`decide and sign (${bytes.length} bytes)`, '≤ 1.5', decideAndSign, floorSign),
    await against('verify a receipt', '', () => verifyReceipt(receipt, keyring, nodeHash), floorVerify)
  ]
}
