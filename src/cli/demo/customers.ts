// The demo's table: 47 customers with the types that real tables have, looked at past Enact, straight in Postgres.
import pg from 'pg'

export const CUSTOMERS = 47
/** What the agent is allowed to clear away: five rows. */
export const EXPIRED = 'trial-expired'

/** The same rows every time. */
export const SEED = `
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  plan text NOT NULL,
  mrr numeric(10,2) NOT NULL,
  tags text[] NOT NULL,
  settings jsonb NOT NULL,
  signed_up timestamptz NOT NULL
);
INSERT INTO customers
SELECT n, first || ' ' || last, lower(first || '.' || last) || '@example.com',
  CASE WHEN n IN (6, 14, 23, 31, 40) THEN '${EXPIRED}' ELSE (ARRAY['free', 'team', 'business'])[1 + n % 3] END,
  n * 3.5, ARRAY['eu-' || n % 4, 'since "' || 2020 + n % 6 || '"'], jsonb_build_object('seats', n % 9 + 1, 'note', NULL),
  timestamptz '2026-01-05 08:00:00.123456+00' + n * interval '5 days 7 hours 11 minutes'
FROM generate_series(1, ${CUSTOMERS}) n,
  LATERAL (SELECT
    (ARRAY['Ada', 'Bruno', 'Chidi', 'Dana', 'Elif', 'Farid', 'Grace', 'Hana', 'Ivo', 'Jun', 'Kaia', 'Lena'])[1 + n % 12] AS first,
    (ARRAY['Okafor', 'Silva', 'Novak', 'Berg', 'Tanaka', 'Haddad', 'Moreau', 'Kaur', 'Rossi', 'Lind', 'Costa'])[1 + n * 5 % 11] AS last) AS person;`

/** What is shown of a row, and the row as a whole: `text` holds every column. */
export interface Customer {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly plan: string
  readonly text: string
}

/** The table at one moment. `checksum` is SHA-256 over every column of every row, made by Postgres. */
export interface Table {
  readonly customers: readonly Customer[]
  readonly rows: number
  readonly checksum: string
}

/** Looks with a connection of its own. */
export async function lookAt(databaseUrl: string): Promise<Table> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows: customers } = await client.query<Customer>('SELECT id, name, email, plan, c::text AS text FROM customers c ORDER BY id')
    const { rows } = await client.query<{ rows: number; checksum: string }>(
      `SELECT count(*)::int AS rows, encode(sha256(convert_to(coalesce(string_agg(c::text, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex') AS checksum FROM customers c`
    )
    return { customers, ...rows[0]! }
  } finally {
    await client.end()
  }
}

/** The rows of `one` that are not, as they are, in `other`. */
export function missingFrom(other: Table, one: Table): Customer[] {
  const there = new Set(other.customers.map(({ text }) => text))
  return one.customers.filter(({ text }) => !there.has(text))
}
