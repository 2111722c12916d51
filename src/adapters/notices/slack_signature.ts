// Slack's request signature, version 0 (https://docs.slack.dev/authentication/verifying-requests-from-slack).
import { unhex } from '../../engine/index.ts'
import { nodeHash } from '../hash/index.ts'
import { verifyHmacSha256 } from '../keys/primitives.ts'

/** Older requests are refused, and so are those from a clock that is ahead. */
const WINDOW_SECONDS = 300

/** Whether Slack signed exactly this body within the last five minutes. Never throws. */
export function isFromSlack(secret: string, body: string, timestamp: string | null, signature: string | null, nowMs: number): boolean {
  if (timestamp === null || signature === null || !/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > WINDOW_SECONDS) return false
  const tag = unhex(signature.slice('v0='.length))
  return tag !== null && verifyHmacSha256(nodeHash.utf8(secret), nodeHash.utf8(`v0:${timestamp}:${body}`), tag)
}
