// Every route, one line each, in the order of the reference.
import type { Route } from '../route.ts'
import { readBadge } from './badge.ts'
import { listBudgets } from './budgets.ts'
import { latestCheckpoint, listCheckpoints, publicKeys } from './checkpoints.ts'
import { eraseReceipt } from './erase.ts'
import { createExport, deleteExport, downloadExport, listExports, readExport } from './exports.ts'
import { listAgents } from './agents.ts'
import { changeAlertChannel, createAlertChannel, deleteAlertChannel, listAlertChannels, testAlertChannel } from './alert_channels.ts'
import { changeAlertRule, listAlertRules } from './alert_rules.ts'
import { acknowledgeAlert, listAlerts, readAlert, resolveAlert } from './alerts.ts'
import { createDecision, createOutcome } from './decisions.ts'
import { listFacts, readFact, setFact, unsetFact } from './facts.ts'
import { devOutbox } from './dev_outbox.ts'
import { health } from './health.ts'
import { claudeCodeHook } from './hooks.ts'
import { listApprovals, readApproval, readApprovalReceipt, requestApproval } from './hitl.ts'
import { approve, delegateApproval, deny, editApproval, seeApprove, seeDeny } from './hitl_decide.ts'
import { slackInteraction } from './hitl_slack.ts'
import { createKey, createTeam, listKeys, revokeKey, setUp } from './keys.ts'
import { breakLock, listLockQueue, listLocks, releaseLock, renewLock, takeLock } from './locks.ts'
import { endMcpSession, enactMcp, gatewayMcp } from './mcp.ts'
import { approveMcpPin, listMcpPins } from './mcp_pins.ts'
import { ownResourceMetadata, serverResourceMetadata } from './oauth.ts'
import { changePerson, listPeople, readPerson, registerPerson, removePerson } from './people.ts'
import { listReceipts, proveReceipt, pushReceipt, readReceipt } from './receipts.ts'
import { countReceipts, relatedReceipts } from './receipt_views.ts'
import { createRun, readRun, rollBackRun } from './runs.ts'
import { changeSettings, readSettings } from './settings.ts'
import { listShares, readShared, revokeShare, shareReceipt } from './shares.ts'
import { listDeliveries, listEndpointDeliveries, replayDelivery, replayFailed } from './webhook_deliveries.ts'
import { listPolicies } from './policies.ts'
import { readChecklist, readSetup } from './setup.ts'
import { readSession, signIn, signOut } from './session.ts'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listWebhooks,
  pingWebhook,
  readWebhook,
  rotateCallbackSecret,
  rotateWebhook
} from './webhooks.ts'

/** The whole API. */
export const ROUTES: readonly Route[] = [
  createRun,
  readRun,
  rollBackRun,
  createDecision,
  createOutcome,
  claudeCodeHook,
  enactMcp,
  gatewayMcp,
  endMcpSession,
  listMcpPins,
  approveMcpPin,
  ownResourceMetadata,
  serverResourceMetadata,
  requestApproval,
  listApprovals,
  readApproval,
  readApprovalReceipt,
  seeApprove,
  approve,
  seeDeny,
  deny,
  editApproval,
  delegateApproval,
  slackInteraction,
  listReceipts,
  pushReceipt,
  // Before what would take `histogram` for an id.
  countReceipts,
  readReceipt,
  proveReceipt,
  relatedReceipts,
  shareReceipt,
  listShares,
  revokeShare,
  readShared,
  eraseReceipt,
  listCheckpoints,
  latestCheckpoint,
  publicKeys,
  createExport,
  listExports,
  downloadExport,
  readExport,
  deleteExport,
  takeLock,
  // Before what would take `queue` for an id.
  listLockQueue,
  renewLock,
  releaseLock,
  listLocks,
  breakLock,
  listBudgets,
  listFacts,
  readFact,
  setFact,
  unsetFact,
  readSettings,
  changeSettings,
  registerPerson,
  listPeople,
  readPerson,
  changePerson,
  removePerson,
  createWebhook,
  listWebhooks,
  rotateCallbackSecret,
  listDeliveries,
  replayDelivery,
  readWebhook,
  changeWebhook,
  deleteWebhook,
  rotateWebhook,
  pingWebhook,
  listEndpointDeliveries,
  replayFailed,
  listAlerts,
  readAlert,
  acknowledgeAlert,
  resolveAlert,
  listAlertRules,
  changeAlertRule,
  listAlertChannels,
  createAlertChannel,
  changeAlertChannel,
  deleteAlertChannel,
  testAlertChannel,
  signIn,
  readSession,
  signOut,
  createTeam,
  createKey,
  listKeys,
  revokeKey,
  listAgents,
  listPolicies,
  readBadge,
  readSetup,
  setUp,
  readChecklist,
  devOutbox,
  health
]
