// The crm family.
export { dontDuplicateContacts } from './dont_duplicate_contacts.ts'
export { limitTasksPerContact } from './limit_tasks_per_contact.ts'
