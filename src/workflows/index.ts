// Every workflow, one line each.
export { agentPrWorkflow } from './agent_pr_workflow.ts'
export { dbSafeInsert } from './db_safe_insert.ts'
