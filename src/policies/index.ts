// Every policy there is: by name for configurations, by id for tools.
import type { PolicyDefinition } from '../engine/index.ts'
import * as access from './access/index.ts'
import * as budget from './budget/index.ts'
import * as cloud_storage from './cloud_storage/index.ts'
import * as coding_agent from './coding_agent/index.ts'
import * as credential from './credential/index.ts'
import * as crm from './crm/index.ts'
import * as db from './db/index.ts'
import * as email from './email/index.ts'
import * as file_access from './file_access/index.ts'
import * as filesystem from './filesystem/index.ts'
import * as git from './git/index.ts'
import * as prompt_injection from './prompt_injection/index.ts'
import * as slack from './slack/index.ts'
import * as time from './time/index.ts'
import * as url from './url/index.ts'

export * from './access/index.ts'
export * from './budget/index.ts'
export * from './cloud_storage/index.ts'
export * from './coding_agent/index.ts'
export * from './credential/index.ts'
export * from './crm/index.ts'
export * from './db/index.ts'
export * from './email/index.ts'
export * from './file_access/index.ts'
export * from './filesystem/index.ts'
export * from './git/index.ts'
export * from './prompt_injection/index.ts'
export * from './slack/index.ts'
export * from './time/index.ts'
export * from './url/index.ts'

const families = {
  git,
  db,
  filesystem,
  access,
  crm,
  time,
  budget,
  slack,
  email,
  cloud_storage,
  url,
  credential,
  prompt_injection,
  file_access,
  coding_agent
}

/** A policy of the catalogue with the family it belongs to. Its parameters are checked when it is bound. */
export interface CatalogueEntry {
  readonly family: string
  readonly definition: PolicyDefinition
}

/** Every policy by its id, families in the catalogue's order. */
export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  Object.entries(families).flatMap(([family, policies]) =>
    Object.values(policies).map((definition): [string, CatalogueEntry] => [
      definition.id,
      { family, definition: definition as PolicyDefinition }
    ])
  )
)
