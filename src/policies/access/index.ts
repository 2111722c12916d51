// The access family.
export { contractorCannotWritePii } from './contractor_cannot_write_pii.ts'
export { dontReadSensitivePaths } from './dont_read_sensitive_paths.ts'
export { dontReadSensitiveTables } from './dont_read_sensitive_tables.ts'
export { requireActorRole } from './require_actor_role.ts'
export { requireApproval } from './require_approval.ts'
export { requireClearanceForPath } from './require_clearance_for_path.ts'
export { requireUserRole } from './require_user_role.ts'
