// The cloud_storage family.
export { dontDeleteWithoutHumanOk } from './dont_delete_without_human_ok.ts'
