'use strict'
// ClickHouse's own client against a running node (MANGROVE_HTTP): what applications do with it.

const { test, after } = require('node:test')
const assert = require('node:assert/strict')
const { Readable } = require('node:stream')
const { createClient, ClickHouseError } = require('@clickhouse/client')

const url = process.env.MANGROVE_HTTP || 'http://127.0.0.1:8123'
const plain = createClient({ url })
const zipped = createClient({ url, compression: { request: true, response: true } })
after(() => Promise.all([plain.close(), zipped.close()]))

const table = (name) => `js_${name}`
const make = async (name, columns) => {
  await plain.command({ query: `DROP TABLE IF EXISTS ${table(name)}` })
  await plain.command({ query: `CREATE TABLE ${table(name)} (${columns}) ENGINE = MergeTree ORDER BY id` })
  return table(name)
}
const rows = async (client, query, format = 'JSONEachRow', more = {}) => (await client.query({ query, format, ...more })).json()

test('ping', async () => {
  assert.equal((await plain.ping()).success, true)
  assert.equal((await plain.ping({ select: true })).success, true)
  const nobody = createClient({ url: 'http://127.0.0.1:9' })
  assert.equal((await nobody.ping()).success, false)
  await nobody.close()
})

for (const [kind, client] of [['plain', plain], ['gzip both ways', zipped]]) {
  test(`formats of results, ${kind}`, async () => {
    const query = "SELECT number AS id, toString(number) AS text FROM numbers(3)"
    const want = [{ id: 0, text: '0' }, { id: 1, text: '1' }, { id: 2, text: '2' }]
    const numbers = (list) => list.map((row) => ({ ...row, id: Number(row.id) }))
    assert.deepEqual(numbers(await rows(client, query)), want)
    const json = await rows(client, query, 'JSON')
    assert.deepEqual(numbers(json.data), want)
    assert.deepEqual(json.meta, [{ name: 'id', type: 'UInt64' }, { name: 'text', type: 'String' }])
    assert.equal(json.rows, 3)
    assert.deepEqual((await rows(client, query, 'JSONCompact')).data.map((row) => row[1]), ['0', '1', '2'])
    assert.deepEqual((await rows(client, query, 'JSONCompactEachRow')).map((row) => row[1]), ['0', '1', '2'])
    assert.equal(await (await client.query({ query, format: 'CSV' })).text(), '0,"0"\n1,"1"\n2,"2"\n')
    assert.equal(await (await client.query({ query, format: 'TabSeparatedWithNamesAndTypes' })).text(), 'id\ttext\nUInt64\tString\n0\t0\n1\t1\n2\t2\n')
  })

  test(`parameters, ${kind}`, async () => {
    const got = await rows(client,
      'SELECT {i:Int32} AS i, {s:String} AS s, {a:Array(UInt8)} AS a, {m:Map(String, UInt8)} AS m, {d:DateTime} AS d, {n:Nullable(String)} AS n, {id:Identifier} AS x FROM numbers(1)',
      'JSONEachRow', { query_params: { i: -5, s: "it's\t\\ \n a \"string\"", a: [1, 2], m: { k: 7 }, d: new Date(Date.UTC(2024, 1, 29, 1, 2, 3)), n: null, id: 'number' } })
    assert.deepEqual(got, [{ i: -5, s: "it's\t\\ \n a \"string\"", a: [1, 2], m: { k: 7 }, d: '2024-02-29 01:02:03', n: null, x: got[0].x }])
    assert.equal(Number(got[0].x), 0)
  })

  test(`inserts, ${kind}`, async () => {
    const name = await make('inserts', 'id UInt32, name String, tags Map(String, String), list Array(UInt32)')
    const row = (id) => ({ id, name: `n${id} "ü"`, tags: { a: String(id) }, list: [id, id + 1] })
    const result = await client.insert({ table: name, values: [row(1), row(2)], format: 'JSONEachRow' })
    assert.equal(result.executed, true)
    assert.equal(result.summary.written_rows, '2')
    await client.insert({ table: name, values: Readable.from((function* () { for (let i = 3; i <= 20000; ++i) yield row(i) })()), format: 'JSONEachRow' })
    await client.insert({ table: name, values: Readable.from(['20001,"csv",{},"[]"\n', '20002,"csv",{},"[5]"\n'], { objectMode: false }), format: 'CSV' })
    await client.insert({ table: name, values: [[20003, 'compact', {}, []]], format: 'JSONCompactEachRow' })
    await client.insert({ table: name, values: [{ id: 20004, name: 'some columns' }], format: 'JSONEachRow', columns: ['id', 'name'] })
    const binary = Buffer.concat([Buffer.from([0x25, 0x4e, 0, 0]), Buffer.from([3]), Buffer.from('bin'), Buffer.from([0, 0])]) // 20005
    await client.insert({ table: name, values: Readable.from([binary], { objectMode: false }), format: 'RowBinary' }).catch(async (error) => {
      assert.match(String(error), /RowBinary|format/) // the client may refuse the format before it asks
      await client.exec({ query: `INSERT INTO ${name} FORMAT RowBinary`, values: Readable.from([binary], { objectMode: false }) })
    })
    const [all] = await rows(client, `SELECT count() AS n, sum(id) AS s, sum(length(list)) AS l, countIf(tags['a'] = toString(id)) AS t FROM ${name}`)
    assert.deepEqual(Object.values(all).map(Number), [20005, 20005 * 20006 / 2, 40001, 20000])
    assert.deepEqual(await rows(client, `SELECT name FROM ${name} WHERE id > 20000 ORDER BY id`), ['csv', 'csv', 'compact', 'some columns', 'bin'].map((name) => ({ name })))
  })

  test(`a streamed result, ${kind}`, async () => {
    const result = await client.query({ query: 'SELECT number, repeat(\'x\', 100) AS s FROM numbers(300000)', format: 'JSONEachRow' })
    let count = 0, sum = 0
    for await (const part of result.stream())
      for (const one of part) {
        ++count
        sum += Number(one.json().number)
      }
    assert.deepEqual([count, sum], [300000, 300000 * 299999 / 2])
  })
}

test('errors have code and type', async () => {
  await assert.rejects(plain.query({ query: 'SELECT nothing' }), (error) => {
    assert.ok(error instanceof ClickHouseError)
    assert.deepEqual([error.code, error.type], ['47', 'UNKNOWN_IDENTIFIER'])
    return true
  })
  await assert.rejects(plain.query({ query: 'SELECT 1', clickhouse_settings: { nonsense: 1 } }), { code: '115', type: 'UNKNOWN_SETTING' })
  await assert.rejects(plain.insert({ table: 'js_missing', values: [{ id: 1 }], format: 'JSONEachRow' }), { code: '60' })
  const name = await make('errors', 'id UInt32')
  await assert.rejects(plain.insert({ table: name, values: [{ id: 'x' }], format: 'JSONEachRow' }))
  assert.deepEqual((await rows(plain, `SELECT count() AS n FROM ${name}`)).map((row) => Number(row.n)), [0])
})

test('an exception in the middle of a result reaches the reader', async () => {
  const result = await plain.query({ query: 'SELECT number, throwIf(number = 2000000) FROM numbers(3000000)', format: 'JSONEachRow' })
  await assert.rejects(async () => {
    for await (const part of result.stream()) for (const one of part) one.json()
  })
})

test('abort ends the query', async () => {
  const controller = new AbortController(), query_id = `js-abort-${process.pid}`
  const running = plain.query({ query: 'SELECT count() FROM numbers(100000000000)', query_id, abort_signal: controller.signal })
  const listed = async () => (await rows(plain, `SELECT query_id FROM system.processes WHERE query_id = '${query_id}'`)).length
  while (!(await listed())) await new Promise((done) => setTimeout(done, 20))
  controller.abort()
  await assert.rejects(running)
  const began = Date.now()
  while (await listed()) {
    assert.ok(Date.now() - began < 5000, 'the query goes on after its client has gone')
    await new Promise((done) => setTimeout(done, 20))
  }
})

test('sessions, settings, query ids, progress', async () => {
  const session = createClient({ url, session_id: `js-${process.pid}`, max_open_connections: 1 })
  await session.command({ query: 'SET max_block_size = 1234' })
  assert.deepEqual(await rows(session, "SELECT value FROM system.settings WHERE name = 'max_block_size'"), [{ value: '1234' }])
  await session.close()
  const result = await plain.query({ query: 'SELECT 1 AS x', format: 'JSONEachRow', query_id: 'js-id', clickhouse_settings: { max_execution_time: 5, wait_end_of_query: 1 } })
  assert.equal(result.query_id, 'js-id')
  await result.text()
  const settings = { send_progress_in_http_headers: 1, http_headers_progress_interval_ms: '500' }
  const counted = await rows(plain, 'SELECT count() AS n FROM numbers(1000000000)', 'JSONEachRow', { clickhouse_settings: settings })
  assert.equal(Number(counted[0].n), 1e9)
  const progress = await plain.query({ query: 'SELECT number FROM numbers(10)', format: 'JSONEachRowWithProgress' }).then((result) => result.text(), (error) => error)
  if (progress instanceof Error) assert.equal(progress.code, '48') // refused by name
  const { summary } = await plain.command({ query: 'SELECT 1 FORMAT Null' })
  assert.ok('read_rows' in summary)
})
