// The prompt_injection family.
export { blockPromptInjection } from './block_prompt_injection.ts'
export { blockPromptInjectionFields } from './block_prompt_injection_fields.ts'
