// What a database holds is not dropped.
import * as z from 'zod'
import { commandTable, definePolicy, deny, judgeTool } from '../../engine/index.ts'
import { CommandAndSql, foundIn, ON_TOOLS } from './judged.ts'

const TABLE = commandTable({
  'dropdb *': 'drops a database',
  'mysqladmin ** drop': 'drops a database',
  'redis-cli|valkey-cli|keydb-cli ** flushall|flushdb': 'empties the store',
  'cockroach ** drop': 'drops a database'
})
const REMEDY = 'write a migration that a person reviews'
const DROPS =
  /^(?:DROP (?:DATABASE|SCHEMA|TABLE|TABLESPACE|OWNED|KEYSPACE|CATALOG|COLLECTION|INDEX|VIEW|MATERIALIZED VIEW|USER|ROLE)|TRUNCATE)$/

/** Denies dropping databases, schemas and tables, and TRUNCATE, in SQL that a command or tool sends; and `dropdb`, `mysqladmin drop`, `FLUSHALL`. */
export const blockDropDatabase = definePolicy({
  id: 'block_drop_database',
  title: 'No dropping of databases',
  params: z.strictObject({}),
  reads: CommandAndSql,
  on: ON_TOOLS,
  parses: ['shell', 'sql'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        const summaries = reading.summaries()
        if (!summaries.ok)
          return deny(`what is sent to the database cannot be judged: ${summaries.error}`, { remedy: 'write the SQL in plain words' })
        for (const { definitions, opaque } of summaries.tree) {
          const drop = definitions.find((one) => DROPS.test(one))
          if (drop !== undefined) return deny(`\`${drop}\` loses what the database holds`, { remedy: REMEDY })
          if (opaque.length > 0) return deny(`${opaque[0]!} hides what it does to the database`, { remedy: 'write the SQL in plain words' })
        }
        return foundIn(TABLE, REMEDY)(reading)
      },
      'nothing is dropped'
    )
})
