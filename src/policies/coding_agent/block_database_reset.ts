// Databases are not reset.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'prisma migrate reset': 'drops the database and makes it anew',
  'prisma db push --force-reset': 'empties the database',
  'rails|rake db:drop*|db:reset|db:schema:load|db:purge*|db:truncate_all|db:migrate:reset|db:seed:replant|db:setup': 'empties the database',
  'rake|rails ** db:drop*|db:reset|db:migrate:reset|db:purge*|db:truncate_all': 'empties the database',
  'supabase db reset': 'drops the database and makes it anew',
  'supabase stop --no-backup': 'throws the local database away',
  'php|artisan artisan migrate:fresh|migrate:reset|migrate:refresh|db:wipe': 'drops every table',
  'artisan|sail migrate:fresh|migrate:reset|migrate:refresh|db:wipe': 'drops every table',
  'sail artisan migrate:fresh|migrate:reset|migrate:refresh|db:wipe': 'drops every table',
  'python|python3 *manage.py flush|reset_db|reset_schema': 'empties the database',
  'django-admin|manage.py flush|reset_db|reset_schema': 'empties the database',
  'python|python3 *manage.py migrate * zero': 'takes every migration of an app back',
  'manage.py migrate * zero': 'takes every migration of an app back',
  'mix ecto.drop|ecto.reset': 'drops the database',
  'sequelize|sequelize-cli db:drop|db:migrate:undo:all': 'empties the database',
  'knex migrate:rollback --all': 'takes every migration back',
  'knex|knex-cli migrate:reset': 'takes every migration back',
  'alembic downgrade base': 'takes every migration back',
  'flask db downgrade base': 'takes every migration back',
  'flyway clean': 'drops everything in the schema',
  'liquibase drop-all|dropAll': 'drops everything in the schema',
  'dotnet ef database drop': 'drops the database',
  'diesel database reset|drop': 'drops the database',
  'diesel migration redo --all': 'takes every migration back',
  'sqlx database drop|reset': 'drops the database',
  'sea-orm-cli migrate fresh|reset|refresh': 'drops every table',
  'dbmate drop': 'drops the database',
  'goose ** reset': 'takes every migration back',
  'migrate ** drop': 'drops everything in the database',
  'typeorm schema:drop': 'drops the schema',
  'convex data clear|delete': 'empties the database',
  'dropdb|dropuser *': 'drops a database or its user',
  'mysqladmin ** drop': 'drops a database',
  'pg_dropcluster *': 'drops a cluster',
  'pg_resetwal|pg_resetxlog *': 'throws the write-ahead log away',
  'pg_restore --clean': 'drops what it restores over',
  'redis-cli|valkey-cli|keydb-cli ** flushall|flushdb': 'empties the store',
  'mongorestore --drop': 'drops what it restores over',
  'etcdctl del --prefix': 'deletes a whole range of keys',
  'etcdctl del --from-key': 'deletes a whole range of keys',
  'influx|influxd bucket|org delete': 'deletes a bucket',
  'influx delete': 'deletes series',
  'nodetool|cassandra-cli clearsnapshot': 'deletes snapshots',
  'wp db reset|drop|clean': 'empties the database',
  'drush sql-drop|sql:drop|site:install|si': 'empties the database',
  'bin/rails db:drop|db:reset': 'empties the database',
  'make *db-reset*|*reset-db*|*drop-db*|*db-drop*|*db_reset*|*reset_db*': 'resets a database, as its name says',
  'npm|pnpm|yarn|bun run *db:reset*|*reset-db*|*db:drop*|*drop-db*|*db-reset*|*db:wipe*|*db:nuke*|*migrate:reset*|*migrate:fresh*':
    'resets a database, as its name says',
  'pnpm|yarn|bun *db:reset*|*db:drop*|*db:wipe*|*migrate:reset*|*migrate:fresh*': 'resets a database, as its name says'
})
const REMEDY = 'write a migration, or ask a person to reset the database'

/** Denies commands of frameworks and database tools that drop, reset or flush a whole database. */
export const blockDatabaseReset = definePolicy({
  id: 'block_database_reset',
  title: 'No database resets',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no database is reset')
})
