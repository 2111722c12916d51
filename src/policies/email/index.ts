// The email family.
export { noBulkEmailBlast } from './no_bulk_email_blast.ts'
export { noEmailExternalDomains } from './no_email_external_domains.ts'
export { noMassEmails } from './no_mass_emails.ts'
export { noRepeatEmails } from './no_repeat_emails.ts'
