// Carts: Koa over Redis hashes.
'use strict';
const Koa = require('koa');
const Router = require('@koa/router');
const { port, call } = require('./peers');
const { redis } = require('./stores');

const app = new Koa();
const router = new Router();
const store = redis();

async function json(context) {
  const chunks = [];
  for await (const chunk of context.req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

router.get('/carts/:user', async (context) => {
  const lines = await store.hgetall(`cart:${context.params.user}`);
  context.body = Object.entries(lines).map(([product, count]) => ({
    product: Number(product),
    count: Number(count),
  }));
});
router.post('/carts/:user/lines', async (context) => {
  const { product, count = 1 } = await json(context);
  const found = await call('catalog', 'GET', `/prices/${product}`);
  if (found.status !== 200) context.throw(422, `product ${product} cannot be sold`);
  const key = `cart:${context.params.user}`;
  const lines = await store.pipeline().hincrby(key, product, count).hlen(key).expire(key, 3600).exec();
  if (lines[1][1] > 12) await store.del(key);
  context.body = { lines: lines[1][1] };
});
router.delete('/carts/:user', async (context) => {
  await store.del(`cart:${context.params.user}`);
  context.body = {};
});
app.use(async function errors(context, next) {
  try {
    await next();
  } catch (error) {
    context.status = error.status || 500;
    context.body = { error: error.message };
  }
});
app.use(router.routes()).listen(port, process.env.SHOP_ADDRESS);
