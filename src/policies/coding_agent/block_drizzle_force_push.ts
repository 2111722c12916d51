// A schema is not forced onto a database.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'drizzle-kit push --force': 'applies a schema and accepts the loss of data',
  'drizzle-kit drop': 'drops migrations',
  'prisma db push --accept-data-loss': 'applies a schema and accepts the loss of data',
  'prisma db push --force-reset': 'empties the database',
  'typeorm schema:drop': 'drops the schema',
  'typeorm-ts-node-commonjs|typeorm-ts-node-esm schema:drop': 'drops the schema',
  'sequelize|sequelize-cli db:drop': 'drops the database',
  'mikro-orm schema:drop|schema:fresh': 'drops the schema',
  'atlas schema clean': 'empties the database',
  'atlas schema apply --auto-approve': 'applies a schema unasked'
})
const REMEDY = 'generate a migration and leave it to be reviewed'

/** Denies `drizzle-kit push --force` and its like: schema changes that accept the loss of data unasked. */
export const blockDrizzleForcePush = definePolicy({
  id: 'block_drizzle_force_push',
  title: 'No forced schema pushes',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no schema is forced')
})
