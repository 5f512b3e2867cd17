// Packs paid orders (RabbitMQ -> PostgreSQL, gRPC) and drops changed products from the cache, in batches whose span
// links to the messages that it handles.
'use strict';
const { trace, context } = require('@opentelemetry/api');
const { sleep, lognormal, chance } = require('./peers');
const { postgres, redis, queue } = require('./stores');
const { track } = require('./shipping_client');

const tracer = trace.getTracer('shop.fulfilment', '1.2.0');
const db = postgres();
const cache = redis();
const changed = new Map();

async function flush() {
  if (!changed.size) return;
  const batch = [...changed];
  changed.clear();
  const links = batch
    .slice(0, 32)
    .map(([product, spanContext]) => ({ context: spanContext, attributes: { 'shop.product': product } }));
  await tracer.startActiveSpan('invalidate cache', { links, root: true }, async (span) => {
    span.setAttribute('batch.size', batch.length);
    await cache.del(...batch.map(([product]) => `product:${product}`));
    span.end();
  });
}

async function main() {
  const channel = await queue();
  channel.consume('orders.pack', async (message) => {
    const order = JSON.parse(message.content.toString());
    try {
      await tracer.startActiveSpan('pack order', async (span) => {
        span.setAttributes({ 'order.id': order.id, 'order.country': order.country });
        for (const line of order.lines) span.addEvent('line.packed', { product: line.product, count: line.count });
        await sleep(lognormal(3, 1));
        span.end();
      });
      if (chance(0.01)) throw new Error('the scanner lost its connection');
      const { rows } = await db.query('SELECT id, state FROM orders WHERE id = $1 FOR UPDATE SKIP LOCKED', [
        order.id,
      ]);
      if (rows[0]) await db.query('UPDATE orders SET state = $1 WHERE id = $2', ['packed', order.id]);
      await track({ order: order.id });
      channel.ack(message);
    } catch (error) {
      trace.getActiveSpan()?.recordException(error);
      channel.nack(message, false, false);
    }
  });
  channel.consume('stock.sync', (message) => {
    const spanContext = trace.getSpanContext(context.active());
    for (const product of JSON.parse(message.content.toString()).products)
      if (spanContext) changed.set(product, spanContext);
    channel.ack(message);
  });
  setInterval(flush, 400);
}
main();
