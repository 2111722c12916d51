// Every workflow, one line each.
export { agentPrWorkflow } from './agent_pr_workflow.ts'
export { dbBulkImportWorkflow } from './db_bulk_import_workflow.ts'
export { dbSafeInsert } from './db_safe_insert.ts'
export { dbSafeUpdateWorkflow } from './db_safe_update_workflow.ts'
export { postSlackMessage } from './post_slack_message.ts'
export { sendEmailWorkflow } from './send_email_workflow.ts'
