// The db family.
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import type { Json, JsonObject } from '../../src/engine/index.ts'
import * as db from '../../src/policies/db/index.ts'
import { dontReadSensitiveTables } from '../../src/policies/access/index.ts'
import { type Case, judge, testPolicy } from './test_policy.ts'

const sql = (texts: readonly string[], more: Partial<Case> = {}): Case[] => texts.map((text) => ({ payload: { sql: text }, ...more }))
const where = (values: readonly unknown[], more: Partial<Case> = {}): Case[] =>
  values.map((value) => ({ payload: { where: value } as never, ...more }))

testPolicy(db.dontDeleteRow, {
  denies: [{ payload: { table: 'customers', where: { id: 1 } }, says: 'rows of `customers`' }, { payload: {} }, { payload: { table: 7 } }]
})

/** Conditions that pick rows, and must stay possible. */
const PICKING = [
  'COALESCE(id = 5, true)',
  '(id = 5) IS TRUE',
  '(id > 5) IS NOT TRUE',
  'id = NULL',
  'id::text = $$5$$',
  'active::bool',
  "(a = 'x')::bool",
  'xmin = 5',
  'EXISTS (SELECT 1 FROM orders o WHERE o.customer = customers.id AND o.total > 5)',
  'EXISTS (SELECT 1 FROM orders o WHERE customer = 5)',
  'id = 5',
  'id IN (1, 2, 3)',
  "email LIKE '%@example.com'",
  "name = 'true'",
  "note = '1=1'",
  'deleted_at IS NOT NULL',
  'active',
  'NOT active',
  'id = 5 AND 1=1',
  'id = 5 AND true',
  'a = b',
  'customers.a = b.a',
  'id = $1',
  'false',
  '1 = 0',
  'NULL',
  'NOT true',
  "'f'",
  'id > 0',
  'id > 5 OR id < 3',
  'id = 1 OR id = 2',
  'id <> 1 AND id <> 2',
  "id = 1 OR name <> 'x'",
  'a IS NULL OR b IS NOT NULL',
  'EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = customers.id)',
  'id IN (SELECT id FROM blocked)',
  'id IN (SELECT id FROM customers WHERE spam)',
  'id IN (SELECT id FROM customers LIMIT 5)',
  'id = (SELECT max(id) FROM customers)',
  "created_at < now() - interval '30 days'",
  'id = 5 AND random() < 0.5',
  "CASE WHEN kind = 'a' THEN true ELSE false END",
  'id BETWEEN 1 AND 5',
  'id <> id',
  'id IS DISTINCT FROM 5',
  'false OR id = 5',
  'EXISTS (SELECT 1 WHERE customers.id = 5)',
  'id = ANY(ARRAY[1, 2])',
  "(id, name) = (1, 'x')",
  "name ~ '^a'",
  "name LIKE '%%x'",
  'coalesce(active, true)',
  'length(name) > 3',
  'a = 1 OR a > 5'
]
/** Conditions that keep every row, or are nothing but a wager. */
const OPEN = [
  "'1'::int = '01'::int",
  '2::bool = 1::bool',
  "'a'::char(2) = 'a '::char(2)",
  `'f'::"char"::int::bool`,
  'NULL IS NOT FALSE',
  '(id = NULL) IS NOT FALSE',
  '(id = NULL) IS NULL',
  'CASE WHEN id = NULL THEN false ELSE true END',
  'COALESCE(id = NULL, true)',
  'coalesce(null, id = id)',
  'ctid IS NOT NULL',
  'id IN (SELECT customers.id)',
  'EXISTS (SELECT 1 FROM orders o WHERE o.total > 5)',
  'NOT (ctid IS NULL)',
  '(1=1) = true',
  'ctid IN (SELECT ctid FROM customers)',
  'true',
  '1=1',
  '1 = 1',
  "'a'='a'",
  "'a' = 'a' ",
  'id = id',
  'customers.id = id',
  '1',
  "'t'",
  "'yes'::bool",
  'true::boolean',
  'NOT false',
  'NOT (1 = 0)',
  'NOT NOT true',
  'id = 5 OR true',
  'id = 5 OR 1=1',
  '1=1 OR id = 5',
  "id = 5 OR (name = 'x' OR 1=1)",
  'true AND true',
  '(((1=1)))',
  '1 < 2',
  '2 >= 2',
  '1 <> 2',
  '1 != 2',
  "'a' <> 'b'",
  '1.0 = 1',
  "'1' = 1",
  '1=1 AND id = id',
  'id IS NULL OR id IS NOT NULL',
  "id IS NOT NULL OR name = 'x' OR id IS NULL",
  'id = 1 OR id <> 1',
  'id = 1 OR NOT id = 1',
  '1 = id OR id != 1',
  'id > 5 OR id <= 5',
  'id < 10 OR id > 5',
  'id >= 5 OR id <= 5',
  'id <> 1 OR id <> 2',
  'id <> 7 OR id > 3',
  'active OR NOT active',
  "name LIKE 'a%' OR name NOT LIKE 'a%'",
  'a IS TRUE OR a IS NOT TRUE',
  'id IN (1,2) OR id NOT IN (1,2)',
  'id BETWEEN 1 AND 2 OR id NOT BETWEEN 1 AND 2',
  'a < b OR b <= a',
  'id >= id',
  'id <= id',
  'NOT (id <> id)',
  'id IN (id)',
  'id IN (1, id)',
  'id BETWEEN id AND id',
  'id IS NOT DISTINCT FROM id',
  'id = ANY(ARRAY[id])',
  'lower(name) = lower(name)',
  "name LIKE '%'",
  "name LIKE '%%'",
  "name ILIKE '%'",
  "name ~ '.*'",
  "name ~ ''",
  'name LIKE name',
  "now() > '2000-01-01'",
  'random() >= 0',
  "length('abc') = 3",
  "current_setting('x') = 'y'",
  '$1',
  '$1 = $2',
  'id = 5 OR $1 IS NULL',
  'EXISTS (SELECT 1)',
  'EXISTS (SELECT 1 FROM pg_class)',
  'EXISTS (SELECT * FROM customers)',
  '(SELECT count(*) FROM pg_class) > 0',
  '1 IN (1, 2)',
  '1 IS NOT NULL',
  'NULL IS NULL',
  'true IS TRUE',
  'false IS NOT TRUE',
  'CASE WHEN id = 1 THEN true ELSE true END',
  'CASE WHEN true THEN true END',
  'id IN (SELECT id FROM customers)',
  'customers.id IN (SELECT id FROM public.customers)',
  'id IN (SELECT id FROM customers WHERE true)',
  "date '2020-01-01' < now()",
  'coalesce(null, true)',
  "'x' LIKE '%'",
  'OPERATOR(pg_catalog.=)'.replace('OPERATOR(pg_catalog.=)', '1 OPERATOR(pg_catalog.=) 1')
]

const deletes = (conditions: readonly string[]) => conditions.map((condition) => `DELETE FROM customers WHERE ${condition}`)

testPolicy(db.dontDeleteWithoutWhere, {
  allows: [
    ...where([
      'id = 5',
      'WHERE id = 5',
      ' id = 5 -- one',
      { id: 5 },
      { id: { in: [1, 2] } },
      { id: null },
      { name: { like: '%x' } },
      { name: { like: '%' }, id: 5 },
      { deleted_at: { is_null: false } },
      { id: { gte: 1, lt: 5 } },
      { id: [] }
    ]),
    ...sql(deletes(PICKING)),
    ...sql([
      'SELECT 1',
      'SELECT * FROM customers',
      "SELECT 'DELETE FROM customers'",
      'SELECT 1 -- DELETE FROM customers',
      'SELECT 1 /* ; DELETE FROM customers; */',
      'SELECT "DELETE FROM customers" FROM t',
      "INSERT INTO log (note) VALUES ('DELETE FROM customers;')",
      'SELECT $$DELETE FROM customers$$',
      "UPDATE customers SET note = 'delete from x'",
      'EXPLAIN DELETE FROM customers',
      'EXPLAIN (ANALYZE false) DELETE FROM customers',
      'EXPLAIN (ANALYZE 0, VERBOSE) DELETE FROM customers',
      'DELETE FROM customers WHERE CURRENT OF c',
      'DELETE FROM a USING b WHERE a.id = b.id',
      'DELETE FROM a AS x USING b WHERE x.id = b.id',
      'DELETE FROM s.a USING b WHERE s.a.id = b.id',
      'BEGIN; DELETE FROM customers WHERE id = 1; COMMIT',
      'WITH gone AS (DELETE FROM customers WHERE id = 5 RETURNING *) SELECT * FROM gone',
      'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE',
      'MERGE INTO t USING s ON true WHEN MATCHED AND t.spam THEN DELETE',
      'DROP TABLE x',
      'DELETE FROM ONLY customers AS c WHERE c.id = 1',
      'PREPARE d AS DELETE FROM customers WHERE id = $1; EXECUTE d(5)'
    ]),
    { payload: { where: { id: 5 }, sql: 'DELETE FROM customers WHERE id = 5' } },
    { payload: { where: { id: 5 }, sql: '' }, why: 'an empty sql beside a where' }
  ],
  denies: [
    { payload: {}, says: 'has no WHERE', why: 'absence' },
    ...where(['', '   ', '-- nothing', '/* */', {}, null], { says: 'has no WHERE' }),
    ...where([
      'SELECT 1',
      ...OPEN.filter((one) => !/customers|orders/.test(one)),
      'WHERE 1=1',
      '1=1 -- id = 5',
      '1=1 /* id = 5 */',
      'id=1) OR (1=1',
      { name: { like: '%' } },
      { id: {} },
      { a: { like: '%' }, b: { like: '%%' } },
      { id: { not_in: [] } }
    ]),
    ...where(
      [
        'id = 5; DROP TABLE x',
        'id=1); DELETE FROM customers; SELECT (1',
        'id =',
        'id = 5 LIMIT 1',
        '1=1 GROUP BY (x',
        'true) UNION SELECT (1',
        'true) FOR UPDATE --',
        "id = '",
        'id\u0000 = 5'
      ],
      { says: '`where`' }
    ),
    ...where([1, true, ['id = 5'], [], [{ id: 5 }]], { code: 'policy_error' }),
    { payload: { sql: '' }, says: 'has no WHERE', why: 'an empty sql' },
    { payload: { sql: '-- DELETE' }, says: 'has no WHERE', why: 'sql of nothing but a comment' },
    { payload: { sql: ['DELETE'] }, code: 'policy_error' },
    ...sql(deletes(OPEN), { says: 'customers' }),
    ...sql(
      [
        'DELETE FROM customers',
        'delete from customers',
        'DeLeTe/**/FrOm/**/customers',
        'DELETE FROM "customers"',
        'DELETE FROM public.customers;',
        'DELETE FROM customers -- WHERE id = 5',
        'DELETE FROM customers /* WHERE id = 5 */',
        'DELETE FROM customers RETURNING id',
        'DELETE FROM ONLY customers',
        'DELETE FROM customers AS c USING b',
        'DELETE FROM customers USING b WHERE b.id = 1',
        'DELETE FROM customers AS c USING b WHERE b.id = b.x AND b.y > 1',
        'MERGE INTO customers USING s ON s.id = 1 WHEN MATCHED THEN DELETE',
        'SELECT 1; DELETE FROM customers',
        'SELECT 1;;; DELETE FROM customers;',
        'BEGIN; DELETE FROM customers; COMMIT',
        'WITH x AS (SELECT 1) DELETE FROM customers',
        'WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone',
        'WITH RECURSIVE x AS (SELECT 1) DELETE FROM customers',
        'INSERT INTO old WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone',
        'EXPLAIN ANALYZE DELETE FROM customers',
        'EXPLAIN (ANALYZE) DELETE FROM customers',
        'EXPLAIN (VERBOSE, ANALYZE true) DELETE FROM customers',
        'EXPLAIN (ANALYZE 1) DELETE FROM customers',
        'PREPARE d AS DELETE FROM customers',
        'COPY (DELETE FROM customers RETURNING *) TO STDOUT',
        'TRUNCATE customers',
        'TRUNCATE TABLE ONLY public.customers CASCADE',
        'CREATE RULE r AS ON UPDATE TO t DO INSTEAD DELETE FROM customers',
        'MERGE INTO customers USING s ON true WHEN MATCHED THEN DELETE',
        'MERGE INTO customers USING s ON 1=1 WHEN MATCHED AND true THEN DELETE',
        'MERGE INTO customers c USING s ON c.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE',
        'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC DELETE FROM customers; END',
        'CREATE TABLE x AS WITH g AS (DELETE FROM customers RETURNING *) SELECT * FROM g',
        "DELETE FROM customers WHERE U&'\\0061' = 'a'"
      ],
      { says: 'customers' }
    ),
    ...sql(
      [
        'DO $$ BEGIN DELETE FROM customers; END $$',
        "SELECT query_to_xml('DELETE FROM customers', true, true, '')",
        "SELECT dblink_exec('x', 'DELETE FROM customers')",
        'EXECUTE wipe',
        'CALL wipe()',
        "CREATE FUNCTION f() RETURNS void AS 'DELETE FROM customers' LANGUAGE sql",
        'COPY t FROM PROGRAM \'psql -c "DELETE FROM customers"\''
      ],
      { says: 'cannot be judged' }
    ),
    ...sql(
      [
        'DELETE customers',
        'DELETE FROM',
        'SELECT 1\u0000; DELETE FROM customers',
        'DELETE FROM `customers`',
        `SELECT ${'('.repeat(65)}1${')'.repeat(65)}`,
        `${'/*'.repeat(65)}${'*/'.repeat(65)}SELECT 1`,
        `SELECT '${'x'.repeat(70_000)}'`,
        `SELECT ${'1+'.repeat(15_000)}1`,
        "SELECT '\ud800'"
      ],
      { says: 'cannot be read' }
    ),
    { payload: { where: { id: 5 }, sql: 'DELETE FROM customers' }, why: 'a good where beside bad sql' },
    { payload: { where: '', sql: 'DELETE FROM customers WHERE id = 5' }, why: 'good sql beside an empty where' }
  ]
})

testPolicy(db.dontUpdateWithoutWhere, {
  allows: [
    ...where([{ id: 5 }, 'id = 5']),
    ...sql([
      'UPDATE t SET a = 1 WHERE id = 5',
      'DELETE FROM t',
      'TRUNCATE t',
      'INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1',
      'UPDATE t SET a = s.a FROM s WHERE t.id = s.id',
      'SELECT * FROM t FOR UPDATE',
      'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1',
      "SELECT 'UPDATE t SET a = 1'"
    ])
  ],
  denies: [
    { payload: {}, says: 'UPDATE has no WHERE', why: 'absence' },
    ...where([{}, '', 'true', null]),
    ...sql(
      [
        'UPDATE t SET a = 1',
        'UPDATE t SET a = 1 WHERE 1=1',
        'UPDATE t SET a = s.a FROM s',
        'WITH u AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM u',
        'MERGE INTO t USING s ON true WHEN MATCHED THEN UPDATE SET a = 1',
        'MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1',
        'EXPLAIN ANALYZE UPDATE t SET a = 1',
        'UPDATE t SET a = (SELECT 1 WHERE true)'
      ],
      { says: '`t`' }
    )
  ]
})

const touching = [
  'customers',
  'Customers',
  '"customers"',
  '"Customers"',
  'public.customers',
  'PUBLIC."CUSTOMERS"',
  'shop.public.customers',
  ' customers ',
  'customers c'
]
const touchingSql = [
  'SELECT * FROM customers',
  'select * from CUSTOMERS',
  'SELECT * FROM "Customers"',
  'SELECT * FROM other.customers',
  'SELECT * FROM a JOIN customers c ON c.id = a.id',
  'SELECT * FROM a, customers',
  'SELECT (SELECT max(id) FROM customers)',
  'SELECT 1 WHERE EXISTS (SELECT 1 FROM customers)',
  'SELECT * FROM a UNION SELECT * FROM customers',
  'TABLE customers',
  'SELECT * FROM ONLY customers',
  'SELECT * FROM customers TABLESAMPLE SYSTEM (1)',
  'SELECT * FROM LATERAL (SELECT * FROM customers) x',
  'SELECT * FROM U&"\\0063ustomers"',
  'INSERT INTO customers VALUES (1)',
  'INSERT INTO x SELECT * FROM customers',
  'UPDATE customers SET a = 1 WHERE id = 1',
  'UPDATE a SET x = c.x FROM customers c WHERE c.id = a.id',
  'DELETE FROM customers WHERE id = 1',
  'DELETE FROM a USING customers c WHERE a.id = c.id',
  'MERGE INTO customers USING s ON customers.id = s.id WHEN MATCHED THEN DELETE',
  'MERGE INTO a USING customers c ON a.id = c.id WHEN MATCHED THEN DELETE',
  'TRUNCATE a, customers',
  'COPY customers TO STDOUT',
  'COPY customers FROM STDIN',
  'COPY (SELECT * FROM customers) TO STDOUT',
  'LOCK TABLE customers',
  'DROP TABLE customers',
  'DROP TABLE a, public.customers CASCADE',
  'ALTER TABLE customers ADD x int',
  'ALTER TABLE customers RENAME TO x',
  'ALTER TABLE customers SET SCHEMA x',
  'CREATE INDEX ON customers (id)',
  'CREATE VIEW v AS SELECT * FROM customers',
  'CREATE MATERIALIZED VIEW v AS SELECT * FROM customers',
  'CREATE TABLE x AS SELECT * FROM customers',
  'CREATE TABLE x (LIKE customers)',
  'CREATE TABLE x () INHERITS (customers)',
  'CREATE TABLE x (id int REFERENCES customers)',
  'CREATE TRIGGER t AFTER INSERT ON customers EXECUTE FUNCTION f()',
  'CREATE POLICY p ON customers',
  'DROP POLICY p ON customers',
  'DROP TRIGGER t ON public.customers',
  'CREATE RULE r AS ON INSERT TO customers DO NOTHING',
  'COMMENT ON TABLE customers IS NULL',
  "COMMENT ON COLUMN customers.email IS 'x'",
  'GRANT SELECT ON customers TO x',
  'REVOKE ALL ON TABLE customers FROM x',
  'ANALYZE customers',
  'VACUUM FULL customers',
  'CLUSTER customers',
  'REINDEX TABLE customers',
  'EXPLAIN SELECT * FROM customers',
  'EXPLAIN ANALYZE DELETE FROM customers',
  'PREPARE p AS SELECT * FROM customers',
  'DECLARE c CURSOR FOR SELECT * FROM customers',
  'SELECT * INTO x FROM customers',
  'SELECT 1; SELECT * FROM customers',
  'WITH a AS (SELECT * FROM customers) SELECT * FROM a',
  'WITH d AS (DELETE FROM customers RETURNING *) SELECT * FROM d',
  'WITH customers AS (SELECT * FROM customers) SELECT * FROM customers',
  'WITH customers AS (SELECT 1) DELETE FROM customers WHERE id = 1',
  'WITH customers AS (SELECT 1) SELECT * FROM public.customers',
  'WITH a AS (SELECT * FROM customers), customers AS (SELECT 1) SELECT * FROM a',
  'SELECT * FROM (WITH customers AS (SELECT 1) SELECT 1) x, customers'
]
const harmlessTables = ['orders', 'customers_archive', 'my_customers', '"Order Items"', 'order items', 'crm.orders', 'customers.orders']
const harmlessSql = [
  'SELECT 1',
  'SELECT * FROM orders',
  "SELECT 'customers'",
  'SELECT customers FROM orders',
  'SELECT customers.id FROM orders AS customers',
  'SELECT 1 AS customers',
  'SELECT * FROM orders -- customers',
  'SELECT * FROM orders /* FROM customers */',
  "INSERT INTO log VALUES ('DROP TABLE customers')",
  'WITH customers AS (SELECT 1) SELECT * FROM customers',
  'WITH RECURSIVE customers AS (SELECT 1 UNION SELECT * FROM customers) SELECT * FROM customers',
  'SELECT customers(1)',
  'SELECT * FROM customers_archive',
  'SELECT $$customers$$',
  'SELECT * FROM customers.orders',
  'SET search_path = customers',
  'SELECT * FROM orders o FOR UPDATE OF o',
  'BEGIN',
  ''
]

for (const [definition, key] of [
  [db.protectTables, 'protected'],
  [dontReadSensitiveTables, 'tables']
] as const) {
  const listed = { [key]: ['customers', 'Billing.Invoices', '"Odd.Name"'] }
  testPolicy(definition, {
    params: listed,
    allows: [
      { payload: {} },
      ...harmlessTables.map((table) => ({ payload: { table } })),
      ...sql(harmlessSql),
      { payload: { table: 'shop.invoices' }, why: 'the same name in another schema' },
      ...sql(['SELECT * FROM shop.invoices']),
      { payload: { table: 'customers', sql: 'SELECT * FROM customers' }, params: { [key]: [] }, why: 'an empty list' }
    ],
    denies: [
      ...touching.map((table) => ({ payload: { table }, says: 'customers' })),
      ...sql(touchingSql, { says: 'customers' }),
      ...['billing.invoices', 'invoices', '"Invoices"', 'BILLING.INVOICES', '"Odd.Name"', '"odd.name"'].map((table) => ({
        payload: { table }
      })),
      ...sql(['SELECT * FROM billing.invoices', 'SELECT * FROM invoices', 'SELECT * FROM "Odd.Name"']),
      ...sql(
        [
          'DROP SCHEMA public CASCADE',
          'DROP DATABASE shop',
          'DROP OWNED BY x',
          'REASSIGN OWNED BY x TO y',
          'GRANT SELECT ON ALL TABLES IN SCHEMA public TO x',
          'CREATE PUBLICATION p FOR ALL TABLES',
          'ALTER SCHEMA public RENAME TO x',
          'DO $$ BEGIN END $$',
          "SELECT query_to_xml('select 1', true, true, '')",
          "SELECT table_to_xml('orders', true, true, '')",
          "SELECT database_to_xml(true, true, '')",
          "SELECT * FROM dblink('x', 'y') AS t(a int)",
          'EXECUTE p'
        ],
        { says: 'cannot be judged' }
      ),
      ...['customers; DROP TABLE x', "customers'", 'a.b.c.d', '', '.', 'customers--', 'orders/*', '(SELECT 1)', 'a,customers'].map(
        (table) => ({ payload: { table }, says: 'not the name of a table' })
      ),
      ...sql(['SELECT * FROM', 'SELECT 1\u0000FROM customers'], { says: 'cannot be read' }),
      { payload: { table: 7 }, code: 'policy_error' },
      { payload: { sql: { text: 'SELECT 1' } }, code: 'policy_error' }
    ]
  })
}

testPolicy(db.blockDdl, {
  allows: [
    { payload: {} },
    ...sql([
      'SELECT 1',
      '',
      "INSERT INTO t VALUES ('DROP TABLE x')",
      'SELECT 1 -- DROP TABLE x',
      'SELECT "drop" FROM t',
      'SELECT dropped, created, altered FROM t',
      'UPDATE t SET created = now()',
      'DELETE FROM t',
      'BEGIN; SELECT 1; ROLLBACK',
      'EXPLAIN SELECT 1',
      'SET statement_timeout = 1',
      'SHOW all',
      'COPY t TO STDOUT',
      'VACUUM t',
      'ANALYZE',
      'LOCK t',
      'LISTEN x',
      'PREPARE p AS SELECT 1; EXECUTE p',
      'SELECT $$CREATE TABLE x()$$',
      'DECLARE c CURSOR FOR SELECT 1',
      'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE',
      'EXPLAIN CREATE TABLE x AS SELECT 1',
      'WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d',
      'VALUES (1)',
      'TABLE t'
    ]),
    ...[
      'insert_row',
      'select_rows',
      'create_contact',
      'created',
      'dropbox_upload',
      'update_row',
      'altered',
      'postgres.insert_row',
      'create_row',
      'select * from t'
    ].map((action) => ({ payload: { action } }))
  ],
  denies: [
    ...(
      [
        ['DROP TABLE x', 'DROP TABLE'],
        ['drop/**/table x', 'DROP TABLE'],
        ['TRUNCATE x', 'TRUNCATE'],
        ['ALTER TABLE x ADD y int', 'ALTER TABLE'],
        ['ALTER TABLE x RENAME TO y', 'RENAME'],
        ['CREATE TABLE x (y int)', 'CREATE TABLE'],
        ['CREATE TEMP TABLE x (y int)', 'CREATE TABLE'],
        ['CREATE TABLE x AS SELECT 1', 'CREATE TABLE AS'],
        ['SELECT * INTO x FROM y', 'SELECT INTO'],
        ['SELECT * INTO x FROM y UNION SELECT 1', 'SELECT INTO'],
        ['CREATE INDEX ON x (y)', 'CREATE INDEX'],
        ['CREATE VIEW x AS SELECT 1', 'CREATE VIEW'],
        ['CREATE MATERIALIZED VIEW x AS SELECT 1', 'MATERIALIZED'],
        ['REFRESH MATERIALIZED VIEW x', 'REFRESH'],
        ['GRANT SELECT ON x TO y', 'GRANT'],
        ['GRANT a TO b', 'GRANT'],
        ['REVOKE ALL ON x FROM y', 'REVOKE'],
        ['CREATE ROLE x', 'CREATE ROLE'],
        ['CREATE USER x SUPERUSER', 'CREATE ROLE'],
        ['ALTER ROLE x SUPERUSER', 'ALTER ROLE'],
        ['ALTER SYSTEM SET x = 1', 'ALTER SYSTEM'],
        ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x', 'ALTER DEFAULT PRIVILEGES'],
        ['DROP SCHEMA x CASCADE', 'DROP SCHEMA'],
        ['CREATE SCHEMA x', 'CREATE SCHEMA'],
        ['DROP DATABASE x', 'DROP DATABASE'],
        ['CREATE EXTENSION x', 'CREATE EXTENSION'],
        ['CREATE FUNCTION f() RETURNS int RETURN 1', 'CREATE FUNCTION'],
        ['DROP FUNCTION f', 'DROP FUNCTION'],
        ['CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f()', 'CREATE TRIG'],
        ["CREATE TYPE x AS ENUM ('a')", 'CREATE ENUM'],
        ['CREATE DOMAIN d AS int', 'CREATE DOMAIN'],
        ['COMMENT ON TABLE x IS NULL', 'COMMENT'],
        ['CREATE POLICY p ON x', 'CREATE POLICY'],
        ['CREATE RULE r AS ON INSERT TO x DO NOTHING', 'CREATE RULE'],
        ['DROP OWNED BY x', 'DROP OWNED'],
        ['CLUSTER x', 'CLUSTER'],
        ['SELECT 1; DROP TABLE x', 'DROP TABLE'],
        ['BEGIN; ALTER TABLE x DROP y; COMMIT', 'ALTER TABLE'],
        ['EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1', 'CREATE TABLE AS'],
        ['CREATE SEQUENCE s', 'CREATE SEQUENCE'],
        ['IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z', 'IMPORT FOREIGN SCHEMA'],
        ['CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()', 'EVENT TRIG']
      ] as const
    ).map(([text, says]) => ({ payload: { sql: text }, says })),
    ...sql(
      [
        "DO $$ BEGIN EXECUTE 'DROP TABLE x'; END $$",
        'CALL migrate()',
        "SELECT dblink('x', 'DROP TABLE y')",
        'DROP',
        'DROP TABLE',
        'SELECT 1\u0000; DROP TABLE x',
        'DROP TABLE `x`'
      ],
      { says: 'cannot be judged' }
    ),
    ...[
      'DROP',
      'drop',
      'drop_table',
      'DROP TABLE users',
      'dropTable'.replace('T', '_t'),
      'truncate',
      'TRUNCATE TABLE a.b',
      'alter_table',
      'postgres.drop_table',
      'create_table',
      'CREATE',
      'grant',
      'revoke-all',
      'rename_table',
      '/* x */ DROP TABLE y',
      ' Drop ',
      'ＤＲＯＰ',
      'create unique index'
    ].map((action) => ({ payload: { action }, says: 'changes the schema' })),
    { payload: { action: ['drop'] }, code: 'policy_error' }
  ]
})

const counted = (output: Json): JsonObject => ({ 'postgres.count_rows': { success: true, output } })
const one = { table: 'customers', where: { id: 7 } }

const NAMELESS: JsonObject[] = [
  {},
  { table: 'customers' },
  { where: { id: 7 } },
  { table: 'customers', where: {} },
  { table: 'customers', where: null }
]

testPolicy(db.requireRowExists, {
  allows: [
    { payload: one, facts: counted({ table: 'public.customers', count: 1, has_more: false }), says: '1 row of `customers` matches' },
    { payload: one, facts: counted({ count: 500, has_more: true }), says: 'more than 500 rows' },
    { payload: one, params: { max_rows: 3 }, facts: counted({ count: 3, has_more: false }) }
  ],
  denies: [
    { payload: one, facts: counted({ count: 0, has_more: false }), says: 'no row of `customers` matches' },
    {
      payload: one,
      params: { max_rows: 3 },
      facts: counted({ count: 4, has_more: false }),
      says: '4 rows of `customers` match, at most 3'
    },
    { payload: one, params: { max_rows: 500 }, facts: counted({ count: 500, has_more: true }), says: 'more than 500' },
    { payload: one, says: 'did not answer', why: 'a look-up that timed out or has no connection leaves no fact' },
    {
      payload: one,
      facts: { 'postgres.count_rows': { success: false, error: 'no connector for `postgres.count_rows` is configured' } },
      says: 'no connector'
    },
    { payload: one, facts: { 'postgres.count_rows': { success: false } }, says: 'failed' },
    ...[null, [], {}, { count: '1' }, { count: -1 }, { count: 0.5 }, { count: null }].map((output) => ({
      payload: one,
      facts: counted(output as Json),
      says: 'gave no `count`'
    })),
    ...(['yes', true, 1, null, [{ success: true }]] as Json[]).map((fact) => ({ payload: one, facts: { 'postgres.count_rows': fact } })),
    ...NAMELESS.map((payload) => ({
      payload,
      facts: counted({ count: 1, has_more: false }),
      says: 'which rows',
      why: `nothing is named: ${JSON.stringify(payload)}`
    })),
    {
      payload: { table: 'customers', where: 'id = 7' },
      facts: counted({ count: 1 }),
      says: 'which rows',
      why: 'SQL text cannot be looked up'
    },
    { payload: { table: 7, where: { id: 7 } }, code: 'policy_error' },
    { payload: { table: 'customers', where: [1] }, code: 'policy_error' }
  ]
})

it.each([
  [one, one],
  [{ ...one, data: { name: 'x' }, actor_role: 'admin' }, one],
  [{ table: 'customers', where: {} }, null],
  [{ table: 'customers', where: 'true' }, null],
  [{ where: { id: 7 } }, null]
])('what require_row_exists looks up for %j is only the count of those rows', (payload, input) => {
  expect(db.requireRowExists.lookups.map((lookup) => [lookup.action, lookup.input(payload as JsonObject)])).toEqual([
    ['postgres.count_rows', input]
  ])
})

const rowsOf = (count: number) => Array.from({ length: count }, (_, id) => ({ id }))

testPolicy(db.limitRowsPerRun, {
  allows: [
    { payload: { rows: rowsOf(1000) }, says: '1000 rows', why: 'the default limit itself' },
    { payload: { rows: [] } },
    { payload: {}, says: 'no rows are given' },
    { payload: { row_count: 5 }, params: { max_rows: 5 } },
    { payload: { rows: rowsOf(2), row_count: 2 }, params: { max_rows: 2 } }
  ],
  denies: [
    { payload: { rows: rowsOf(1001) }, says: '1001 rows, at most 1000', why: 'one more than the default' },
    { payload: { rows: rowsOf(3) }, params: { max_rows: 2 }, says: 'at most 2' },
    { payload: { rows: rowsOf(3), row_count: 1 }, params: { max_rows: 2 }, why: 'a claimed number hides no rows' },
    { payload: { rows: rowsOf(1), row_count: 9 }, params: { max_rows: 2 } },
    { payload: { rows: rowsOf(1001), batch_size: 10 }, why: 'batches do not get round it' },
    { payload: { rows: { length: 1 } }, code: 'policy_error' },
    { payload: { rows: 'x' }, code: 'policy_error' },
    { payload: { rows: null }, code: 'policy_error' },
    { payload: { row_count: -1 }, code: 'policy_error' },
    { payload: { row_count: '1' }, code: 'policy_error' }
  ]
})

describe('one request', () => {
  beforeAll(() => nodeParsers().load(['sql']))
  it('is parsed once for all policies', () => {
    const parsers = nodeParsers()
    const text = 'SELECT * FROM orders WHERE id = 4711'
    expect(parsers.sql(text)).toBe(parsers.sql(text))
  })
  it('is judged under a guard: nothing an agent sends makes the parser hang or lie', () => {
    const started = performance.now()
    for (const text of [
      `SELECT ${'/*'.repeat(30_000)}`,
      `SELECT ${'('.repeat(30_000)}`,
      `SELECT ${'NOT '.repeat(16_000)}true`,
      `SELECT ${"'a'||".repeat(10_000)}'a'`,
      `SELECT 1 FROM a${' JOIN b ON true'.repeat(4_000)}`,
      `SELECT 1${' UNION SELECT 1'.repeat(4_000)}`,
      `DELETE FROM t WHERE ${'id = 1 OR '.repeat(6_000)}false`
    ]) {
      expect(judge(db.blockDdl, { payload: { sql: text } }).effect).toMatch(/allow|deny/)
      expect(judge(db.dontDeleteWithoutWhere, { payload: { sql: text } }).effect).toMatch(/allow|deny/)
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
