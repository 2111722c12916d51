// The email family.
export { noMassEmails } from './no_mass_emails.ts'
export { noRepeatEmails } from './no_repeat_emails.ts'
