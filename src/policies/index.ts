// Every policy there is: by name for configurations, by id for tools.
import type { PolicyDefinition } from '../engine/index.ts'
import * as access from './access/index.ts'
import * as crm from './crm/index.ts'
import * as db from './db/index.ts'
import * as filesystem from './filesystem/index.ts'
import * as git from './git/index.ts'
import * as slack from './slack/index.ts'
import * as time from './time/index.ts'

export * from './access/index.ts'
export * from './crm/index.ts'
export * from './db/index.ts'
export * from './filesystem/index.ts'
export * from './git/index.ts'
export * from './slack/index.ts'
export * from './time/index.ts'

const families = { git, db, filesystem, access, crm, time, slack }

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
