// Personal data is read row by row, not by the table.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted, type SqlToken, sqlStatements } from '../../engine/index.ts'
import { CommandAndSql, ON_TOOLS } from './judged.ts'

const COLUMNS =
  'email e_mail ssn social_security phone phone_number mobile address street birthday birth_date date_of_birth dob passport tax_id iban card_number credit_card cvv salary password password_hash first_name last_name full_name ip_address medical diagnosis'.split(
    ' '
  )
const TABLES =
  'users user customers customer employees employee people persons patients accounts contacts members subscribers profiles leads candidates applicants'.split(
    ' '
  )

/** Denies a SELECT of personal columns (`columns`), or of all columns of a table of people (`tables`), that has neither WHERE nor LIMIT. */
export const blockUnboundedPiiSelect = definePolicy({
  id: 'block_unbounded_pii_select',
  title: 'No reading of everybody’s personal data',
  params: z.strictObject({ columns: z.array(z.string().min(1)).default(COLUMNS), tables: z.array(z.string().min(1)).default(TABLES) }),
  reads: CommandAndSql,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { columns, tables }) =>
    judgeTool(
      context,
      ({ queries }) => {
        for (const { text } of queries)
          for (const tokens of sqlStatements(text)) {
            const found = unbounded(tokens, columns, tables)
            if (found !== null)
              return deny(`${quoted(found)} would be read for every row`, { remedy: 'say which rows in WHERE, or add a LIMIT' })
          }
        return null
      },
      'no personal data is read for every row'
    )
})

/** The column or table that is read whole, or null. */
function unbounded(tokens: readonly SqlToken[], columns: readonly string[], tables: readonly string[]): string | null {
  const top = tokens.filter((token) => token.depth === 0)
  const select = top.findIndex((token) => isWord(token, 'select'))
  const copy = isWord(top[0], 'copy')
  if (select === -1 && !copy) return null
  if (top.some((token) => ['where', 'limit', 'fetch', 'top', 'sample', 'having'].some((word) => isWord(token, word)))) return null
  const from = top.findIndex((token, at) => at > select && isWord(token, copy ? 'copy' : 'from'))
  if (from === -1) return null
  const listed = top.slice(select + 1, from)
  const column = listed.find((token) => token.kind !== 'string' && columns.some((one) => one.toLowerCase() === token.text.toLowerCase()))
  if (column !== undefined) return column.text
  const table = top.slice(from + 1).find((token) => tables.some((one) => one.toLowerCase() === token.text.toLowerCase()))
  // `count(*)` stands one level deeper.
  return table !== undefined && (copy || listed.some((token) => token.text === '*')) ? table.text : null
}

function isWord(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === word
}
