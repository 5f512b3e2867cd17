// Every span that the SDK finished must be in `spans` with every field as the trace schema defines it, and in
// `span_index`, whichever of the two exporters sent it.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const proto = require('@opentelemetry/exporter-trace-otlp-proto');
const json = require('@opentelemetry/exporter-trace-otlp-http');
const { send, stored, KINDS, STATUSES } = require('./spans');

const http = process.env.MANGROVE_HTTP || 'http://127.0.0.1:8123';
const otlp = process.env.MANGROVE_OTLP || 'http://127.0.0.1:4318';

async function select(sql) {
  const settings = 'output_format_json_quote_64bit_integers=1&output_format_json_named_tuples_as_objects=1';
  const response = await fetch(`${http}/?${settings}`, { method: 'POST', body: `${sql} FORMAT JSONEachRow` });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Nanoseconds of an SDK time [seconds, nanoseconds]. */
const nanoseconds = ([seconds, nanos]) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
/** The text of a DateTime64(9, 'UTC'). */
function dateTime(time) {
  const [seconds, nanos] = time;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${String(nanos).padStart(9, '0')}`;
}

function compareAttributes(where, sent, values, types) {
  assert.deepEqual(Object.keys(values).sort(), Object.keys(sent).sort(), `${where}: the keys`);
  for (const [key, value] of Object.entries(sent)) {
    const [expected, type] = stored(value);
    assert.equal(types[key], type, `${where}: type of ${key}`);
    if (type === 'array') assert.deepEqual(JSON.parse(values[key]), expected, `${where}: ${key}`);
    else if (type === 'int' || type === 'double') {
      assert.equal(Number(values[key]), expected, `${where}: ${key}`);
      if (type === 'int') assert.match(values[key], /^-?\d+$/, `${where}: ${key} is decimal`);
    } else assert.equal(values[key], expected, `${where}: ${key}`);
  }
}

function compareSpan(span, row) {
  const where = span.name || 'span without a name';
  const id = span.spanContext();
  assert.equal(row.trace_id, id.traceId, where);
  assert.equal(row.parent_span_id, span.parentSpanContext ? span.parentSpanContext.spanId : '', where);
  assert.equal(row.name, span.name);
  assert.equal(row.service, span.resource.attributes['service.name'], where);
  assert.equal(row.kind, KINDS[span.kind], where);
  assert.equal(row.status, STATUSES[span.status.code], where);
  assert.equal(row.status_message, span.status.message || '', where);
  assert.equal(row.startTime, dateTime(span.startTime), where);
  assert.equal(BigInt(row.duration), nanoseconds(span.endTime) - nanoseconds(span.startTime), where);
  assert.equal(row.scope_name, 'test.scope', where);
  assert.equal(row.scope_version, '4.5.6', where);
  compareAttributes(where, span.attributes, row.attributes, row.attribute_types);
  compareAttributes(
    `${where}, resource`,
    span.resource.attributes,
    row.resource_attributes,
    row.resource_attribute_types,
  );
  assert.equal(row['events.name'].length, span.events.length, `${where}: count of events`);
  span.events.forEach((event, i) => {
    assert.equal(row['events.name'][i], event.name, where);
    assert.equal(row['events.time'][i], dateTime(event.time), where);
    compareAttributes(
      `${where}, event ${i}`,
      event.attributes || {},
      row['events.attributes'][i],
      row['events.attribute_types'][i],
    );
  });
  assert.equal(row['links.trace_id'].length, span.links.length, `${where}: count of links`);
  span.links.forEach((link, i) => {
    assert.equal(row['links.trace_id'][i], link.context.traceId, where);
    assert.equal(row['links.span_id'][i], link.context.spanId, where);
    compareAttributes(
      `${where}, link ${i}`,
      link.attributes || {},
      row['links.attributes'][i],
      row['links.attribute_types'][i],
    );
  });
  assert.equal(Number(row.dropped_events_count), span.droppedEventsCount, where);
  assert.equal(Number(row.dropped_attributes_count), span.droppedAttributesCount, where);
  assert.equal(Number(row.dropped_links_count), span.droppedLinksCount, where);
}

for (const [encoding, { OTLPTraceExporter }] of Object.entries({ protobuf: proto, json })) {
  test(`every field of every span sent as ${encoding} is read back`, async () => {
    const spans = await send(new OTLPTraceExporter({ url: `${otlp}/v1/traces` }), `sdk-${encoding}`);
    const { traceId } = spans[0].spanContext();
    const rows = await select(`SELECT * FROM spans WHERE trace_id = '${traceId}'`);
    assert.equal(rows.length, spans.length, 'each span is there once');
    for (const span of spans) {
      const row = rows.find((candidate) => candidate.span_id === span.spanContext().spanId);
      assert.ok(row, `${span.name} is there`);
      compareSpan(span, row);
    }
    const index = await select(
      `SELECT span_id, parent_span_id, name, kind, status, startTime, duration FROM span_index ` +
        `WHERE trace_id = '${traceId}'`,
    );
    assert.equal(index.length, spans.length, 'each span is in span_index once');
    for (const line of index) {
      const row = rows.find((candidate) => candidate.span_id === line.span_id);
      for (const [column, value] of Object.entries(line)) assert.equal(value, row[column], `span_index.${column}`);
    }
  });
}

test('values that the SDK cannot make: bytes, key-value lists, nothing at all', async () => {
  const traceId = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const attributes = [
    { key: 'bytes', value: { bytesValue: 'AAH/' } },
    {
      key: 'list',
      value: {
        kvlistValue: {
          values: [
            { key: 'a', value: { intValue: '9223372036854775807' } },
            { key: 'b', value: { stringValue: 'x' } },
          ],
        },
      },
    },
    { key: 'nothing', value: {} },
    {
      key: 'nested',
      value: { arrayValue: { values: [{ arrayValue: { values: [{ boolValue: true }] } }, { stringValue: 's' }] } },
    },
  ];
  const span = {
    traceId,
    spanId: '00000000000000aa',
    name: 'by hand',
    kind: 3,
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: '1700000000000000003',
    attributes,
  };
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  const response = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  assert.equal(response.status, 200, await response.text());
  const [row] = await select(
    `SELECT service, startTime, duration, attributes, attribute_types FROM spans WHERE trace_id = '${traceId}'`,
  );
  assert.equal(row.service, 'unknown_service');
  assert.equal(row.startTime, '2023-11-14 22:13:20.000000001');
  assert.equal(Number(row.duration), 2);
  assert.deepEqual(row.attribute_types, { bytes: 'bytes', list: 'kvlist', nothing: 'empty', nested: 'array' });
  assert.equal(row.attributes.bytes, 'AAH/');
  assert.match(row.attributes.list.replace(/[\s"]/g, ''), /^{a:9223372036854775807,b:x}$/);
  assert.equal(row.attributes.nothing, '');
  assert.deepEqual(JSON.parse(row.attributes.nested), [[true], 's']);
});

test('a span whose id is all zero is refused by name, the rest of the request is kept', async () => {
  const traceId = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const span = (spanId) => ({
    traceId,
    spanId,
    name: 'n',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000000000000',
  });
  const request = {
    resourceSpans: [{ scopeSpans: [{ spans: [span('0000000000000000'), span('00000000000000bb')] }] }],
  };
  const response = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  assert.equal(response.status, 200);
  const answer = await response.json();
  assert.equal(String(answer.partialSuccess?.rejectedSpans), '1');
  assert.deepEqual(await select(`SELECT span_id FROM spans WHERE trace_id = '${traceId}'`), [
    { span_id: '00000000000000bb' },
  ]);
});
