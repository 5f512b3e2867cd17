// The spans that the test sends, made with the SDK, and what the trace schema says that each becomes.
'use strict';
const { trace, SpanKind, SpanStatusCode, ROOT_CONTEXT } = require('@opentelemetry/api');
const { BasicTracerProvider, SimpleSpanProcessor, InMemorySpanExporter } = require('@opentelemetry/sdk-trace-base');
const { resourceFromAttributes } = require('@opentelemetry/resources');

const KINDS = ['Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const STATUSES = ['Unset', 'Ok', 'Error'];

const attributes = {
  string: 'plain',
  'string.empty': '',
  'string.unicode': 'größe 日本語 🚀 \u0000 \u200d',
  'string.quotes': '"\'\\\t\n`',
  'string.long': 'x'.repeat(20000),
  'key with space and ünïcode': 'v',
  'bool.true': true,
  'bool.false': false,
  'int.zero': 0,
  'int.negative': -42,
  'int.large': Number.MAX_SAFE_INTEGER,
  'int.small': Number.MIN_SAFE_INTEGER,
  double: 0.1,
  'double.negative': -1234.5678,
  'double.tiny': 5e-324,
  'array.string': ['a', '', 'ü"\\'],
  'array.int': [1, -2, 3],
  'array.double': [0.5, -1.25],
  'array.bool': [true, false],
  'array.empty': [],
  'array.mixed_numbers': [1, 2.5],
};

/** Sends through `exporter` and answers the finished spans as the SDK holds them. */
async function send(exporter, serviceName) {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': '1.2.3',
      replica: 7,
      beta: true,
    }),
    spanProcessors: [new SimpleSpanProcessor(exporter), new SimpleSpanProcessor(memory)],
    spanLimits: { eventCountLimit: 3, attributeCountLimit: 128 },
  });
  const tracer = provider.getTracer('test.scope', '4.5.6');

  const root = tracer.startSpan('root: every attribute', { kind: SpanKind.SERVER, attributes }, ROOT_CONTEXT);
  const inside = trace.setSpan(ROOT_CONTEXT, root);
  KINDS.forEach((name, kind) => tracer.startSpan(`kind ${name}`, { kind }, inside).end());
  tracer.startSpan('status ok', {}, inside).setStatus({ code: SpanStatusCode.OK }).end();
  tracer
    .startSpan('status error', {}, inside)
    .setStatus({ code: SpanStatusCode.ERROR, message: 'it broke: ü' })
    .end();

  const eventful = tracer.startSpan('events', {}, inside);
  eventful.addEvent('dropped by the limit of three');
  eventful.addEvent('empty event');
  eventful.addEvent(
    'full event',
    { text: 'x', count: 3, ratio: 0.25, right: true, list: ['p', 'q'] },
    new Date(1_700_000_000_123),
  );
  eventful.recordException(new TypeError('not a function'));
  eventful.end();

  const other = trace.wrapSpanContext({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
  });
  tracer
    .startSpan(
      'links',
      {
        links: [
          { context: root.spanContext() },
          { context: other.spanContext(), attributes: { why: 'batch', size: 2 } },
        ],
      },
      inside,
    )
    .end();

  const begin = [1_700_000_000, 123_456_789];
  tracer.startSpan('exact times', { startTime: begin }, inside).end([begin[0] + 3, begin[1] + 1]);
  tracer.startSpan('', {}, inside).end();
  root.end();
  await provider.forceFlush();
  const finished = memory.getFinishedSpans().slice();
  await provider.shutdown();
  return finished;
}

/** [text, type] of an attribute value as the trace schema stores it; arrays are compared as parsed JSON. */
function stored(value) {
  if (typeof value === 'string') return [value, undefined];
  if (typeof value === 'boolean') return [String(value), 'bool'];
  if (typeof value === 'number') return [value, Number.isInteger(value) ? 'int' : 'double'];
  return [value, 'array'];
}

module.exports = { send, stored, KINDS, STATUSES };
