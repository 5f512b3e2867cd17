// Orders: Express, a PostgreSQL transaction, payment over HTTP, a shipping quote over gRPC, an event to RabbitMQ.
'use strict';
const express = require('express');
const { trace, SpanStatusCode } = require('@opentelemetry/api');
const { port, call, chance } = require('./peers');
const { postgres, queue, publish } = require('./stores');
const { quote } = require('./shipping_client');

const tracer = trace.getTracer('shop.order', '3.1.0');
const app = express();
app.use(express.json());
const db = postgres();
let channel;

async function reserve(client, order, lines) {
  return tracer.startActiveSpan('reserve stock', async (span) => {
    span.setAttributes({ 'order.id': order, 'order.lines': lines.length });
    try {
      for (const line of lines) {
        const updated = await client.query(
          'UPDATE stock SET count = count - $1 WHERE product = $2 AND warehouse = $3 AND count >= $1',
          [line.count, line.product, 1 + (line.product % 3)],
        );
        if (!updated.rowCount)
          throw Object.assign(new Error(`product ${line.product} is out of stock`), { status: 409 });
        await client.query('INSERT INTO order_lines (order_id, product, count) VALUES ($1, $2, $3)', [
          order,
          line.product,
          line.count,
        ]);
      }
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

app.post('/orders', async (request, response) => {
  const { user, tier, card, country } = request.body;
  const cart = await call('cart', 'GET', `/carts/${user}`);
  if (!cart.body.length) return response.status(400).json({ error: 'the cart is empty' });
  const shipping = await quote({ country, items: cart.body.length, express: tier === 'gold' });
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    const placed = await client.query('INSERT INTO orders (user_id, state) VALUES ($1, $2) RETURNING id', [
      user,
      'new',
    ]);
    const id = placed.rows[0].id;
    await reserve(client, id, cart.body);
    if (chance(0.004))
      await client.query('INSERT INTO orders (id, user_id, state) VALUES ($1, $2, $3)', [id, user, 'new']);
    const paid = await call('payment', 'POST', '/charges', { order: id, card, cents: 1999 + shipping.cents }, 1500);
    if (paid.status !== 200) throw Object.assign(new Error(`payment: ${paid.body.error}`), { status: 402 });
    await client.query('UPDATE orders SET state = $1, charge = $2 WHERE id = $3', ['paid', paid.body.charge, id]);
    await client.query('COMMIT');
    publish(channel, 'order.placed', { id, user, country, lines: cart.body });
    publish(channel, 'stock.changed', { products: cart.body.map((line) => line.product) });
    await call('cart', 'DELETE', `/carts/${user}`);
    response.status(201).json({ id });
  } catch (error) {
    await client.query('ROLLBACK');
    const span = trace.getActiveSpan();
    span?.recordException(error);
    span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    response.status(error.status || 500).json({ error: error.message });
  } finally {
    client.release();
  }
});
app.get('/orders/:id', async (request, response) => {
  const order = await db.query(
    'SELECT o.id, o.state, l.product, l.count FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = $1',
    [request.params.id],
  );
  order.rowCount ? response.json(order.rows) : response.status(404).json({ error: 'no such order' });
});
app.get('/report', async (request, response) => {
  const { rows } = await db.query(
    'SELECT state, count(*) AS orders, pg_sleep(random() * 0.5) FROM orders GROUP BY state ORDER BY orders DESC',
  );
  response.json(rows.map(({ state, orders }) => ({ state, orders })));
});
queue().then((opened) => {
  channel = opened;
  app.listen(port, process.env.SHOP_ADDRESS);
});
