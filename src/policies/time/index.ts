// The time family.
export { codeFreezeActive } from './code_freeze_active.ts'
export { withinMaintenanceWindow } from './within_maintenance_window.ts'
