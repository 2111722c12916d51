// Every route, one line each, in the order of the reference.
import type { Route } from '../route.ts'
import { latestCheckpoint, listCheckpoints, publicKeys } from './checkpoints.ts'
import { health } from './health.ts'
import { createKey, createTeam, listKeys, revokeKey, setUp } from './keys.ts'
import { listReceipts, proveReceipt, pushReceipt, readReceipt } from './receipts.ts'
import { createRun, readRun, rollBackRun } from './runs.ts'

/** The whole API. */
export const ROUTES: readonly Route[] = [
  createRun,
  readRun,
  rollBackRun,
  listReceipts,
  pushReceipt,
  readReceipt,
  proveReceipt,
  listCheckpoints,
  latestCheckpoint,
  publicKeys,
  createTeam,
  createKey,
  listKeys,
  revokeKey,
  setUp,
  health
]
