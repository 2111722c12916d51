// Makes migrations from the schema: `npm run db:generate`. wrangler applies the files as they are.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/adapters/edge/schema.ts', './src/adapters/edge/*_schema.ts'],
  out: './migrations'
})
