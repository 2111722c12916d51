// Addresses that a request names: where Enact may send to, and where not.
import { fault } from '../engine/index.ts'
import type { Host } from './host.ts'

/** Throws `invalid` where nothing may be sent to an address; `pointer` says where in the body it stands. */
export function requireTarget(host: Pick<Host, 'webhooks'>, pointer: string, url: string): void {
  const detail = host.webhooks.targetProblem(url)
  if (detail !== null) throw fault('invalid', detail, { errors: [{ pointer, detail }] })
}
