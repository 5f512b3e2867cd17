// Products: Express over PostgreSQL with a Redis cache in front.
'use strict';
const express = require('express');
const { trace } = require('@opentelemetry/api');
const { port, chance } = require('./peers');
const { postgres, redis } = require('./stores');

const tracer = trace.getTracer('shop.catalog', '2.0.1');
const app = express();
const db = postgres();
const cache = redis();

async function cached(key, seconds, load) {
  const hit = await cache.get(key);
  if (hit) {
    trace.getActiveSpan()?.addEvent('cache.hit', { 'cache.key': key, 'cache.bytes': hit.length });
    return JSON.parse(hit);
  }
  trace.getActiveSpan()?.addEvent('cache.miss', { 'cache.key': key });
  const value = await load();
  if (value) await cache.set(key, JSON.stringify(value), 'EX', seconds);
  return value;
}

app.get('/products', async (request, response) => {
  const { q = '', category, page = 0 } = request.query;
  if (category) {
    const { rows } = await db.query(
      'SELECT id, name, price FROM products WHERE category = $1 ORDER BY id LIMIT 20 OFFSET $2',
      [category, page * 20],
    );
    return response.json(rows);
  }
  const rows = await tracer.startActiveSpan('search products', async (span) => {
    span.setAttributes({ 'search.query': String(q), 'search.page': Number(page), 'search.fuzzy': q.length > 4 });
    const found = await db.query('SELECT id, name, price FROM products WHERE name ILIKE $1 ORDER BY name LIMIT 20', [
      `%${q}%`,
    ]);
    span.setAttribute('search.hits', found.rowCount);
    span.end();
    return found.rows;
  });
  response.json(rows);
});
app.get('/products/:id', async (request, response) => {
  const product = await cached(`product:${request.params.id}`, 20, async () => {
    const { rows } = await db.query('SELECT * FROM products WHERE id = $1', [request.params.id]);
    if (rows[0]) {
      const stock = await db.query('SELECT warehouse, count FROM stock WHERE product = $1', [request.params.id]);
      rows[0].stock = stock.rows;
    }
    return rows[0];
  });
  product ? response.json(product) : response.status(404).json({ error: `no product ${request.params.id}` });
});
app.get('/prices/:id', async (request, response) => {
  const price = await cached(`price:${request.params.id}`, 5, async () => {
    const slow = chance(0.01) ? ', pg_sleep(0.15)' : '';
    const { rows } = await db.query(`SELECT price, currency${slow} FROM products WHERE id = $1`, [request.params.id]);
    return rows[0] && { price: rows[0].price, currency: rows[0].currency };
  });
  price ? response.json(price) : response.status(404).json({ error: 'no price' });
});
app.use((error, request, response, next) => response.status(500).json({ error: error.message }));
app.listen(port, process.env.SHOP_ADDRESS);
