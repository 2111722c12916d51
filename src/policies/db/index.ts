// The db family.
export { blockDdl } from './block_ddl.ts'
export { dontDeleteRow } from './dont_delete_row.ts'
export { dontDeleteWithoutWhere } from './dont_delete_without_where.ts'
export { dontUpdateWithoutWhere } from './dont_update_without_where.ts'
export { limitRowsPerRun } from './limit_rows_per_run.ts'
export { protectTables } from './protect_tables.ts'
export { requireRowExists } from './require_row_exists.ts'
