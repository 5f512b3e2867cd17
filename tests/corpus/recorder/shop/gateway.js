// The public face: Express, one route per use case, calls the other services over HTTP.
'use strict';
const express = require('express');
const { trace, SpanStatusCode } = require('@opentelemetry/api');
const { port, call, callFetch, chance } = require('./peers');

const tracer = trace.getTracer('shop.gateway', '1.4.2');
const app = express();
app.set('trust proxy', true);
app.use(express.json({ limit: '64kb' }));

app.use(async function session(request, response, next) {
  const token = request.get('authorization');
  if (!token) return next();
  const answer = await call('account', 'GET', `/sessions/${encodeURIComponent(token.slice(7))}`);
  if (answer.status !== 200) return response.status(401).json({ error: 'session expired' });
  request.user = answer.body;
  trace.getActiveSpan()?.setAttributes({ 'enduser.id': request.user.id, 'shop.tier': request.user.tier });
  next();
});

const pass = (response, answer) => response.status(answer.status).json(answer.body);

app.get('/api/v1/products', async (request, response) => {
  const query = new URLSearchParams(request.query).toString();
  pass(response, await call('catalog', 'GET', `/products?${query}`));
});
app.get('/api/v1/products/:id', async (request, response) => {
  const [product, related] = await Promise.all([
    call('catalog', 'GET', `/products/${request.params.id}`),
    callFetch('recommend', `/related/${request.params.id}?n=4`).catch(() => ({ body: [] })),
  ]);
  pass(response, { status: product.status, body: { ...product.body, related: related.body } });
});
app.post('/api/v1/login', async (request, response) => {
  pass(response, await call('account', 'POST', '/sessions', request.body));
});
app.get('/api/v1/cart', async (request, response) => {
  if (!request.user) return response.status(401).json({ error: 'log in first' });
  const cart = await call('cart', 'GET', `/carts/${request.user.id}`);
  const lines = await tracer.startActiveSpan('price cart lines', async (span) => {
    span.setAttributes({
      'cart.lines': cart.body.length,
      'cart.skus': cart.body.map((line) => String(line.product)),
    });
    const priced = await Promise.all(cart.body.map((line) => call('catalog', 'GET', `/prices/${line.product}`)));
    span.setAttribute(
      'cart.total',
      priced.reduce((sum, p, i) => sum + (p.body.price || 0) * cart.body[i].count, 0),
    );
    span.end();
    return priced.map((price, i) => ({ ...cart.body[i], ...price.body }));
  });
  response.json(lines);
});
app.post('/api/v1/cart', async (request, response) => {
  if (!request.user) return response.status(401).json({ error: 'log in first' });
  pass(response, await call('cart', 'POST', `/carts/${request.user.id}/lines`, request.body));
});
app.post('/api/v1/checkout', async (request, response) => {
  if (!request.user) return response.status(401).json({ error: 'log in first' });
  const order = {
    user: request.user.id,
    tier: request.user.tier,
    card: request.body.card,
    country: request.body.country,
  };
  pass(response, await call('order', 'POST', '/orders', order, 4000));
});
app.get('/api/v1/orders/:id', async (request, response) =>
  pass(response, await call('order', 'GET', `/orders/${request.params.id}`)),
);
app.get('/api/v1/report', async (request, response) => {
  if (chance(0.3)) throw new TypeError("Cannot read properties of undefined (reading 'currency')");
  pass(response, await call('order', 'GET', '/report', undefined, 8000));
});
app.get('/healthz', (request, response) => response.send('ok'));

app.use((error, request, response, next) => {
  const span = trace.getActiveSpan();
  span?.recordException(error);
  span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  response.status(error.status || 502).json({ error: error.message });
});
app.listen(port, process.env.SHOP_ADDRESS);
