// The credential family.
export { pauseOnResourcePurposeMismatch } from './pause_on_resource_purpose_mismatch.ts'
