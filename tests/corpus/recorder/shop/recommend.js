// Related products: Express; Redis sorted sets of what was seen together, details by fetch from the catalog.
'use strict';
const express = require('express');
const { trace } = require('@opentelemetry/api');
const { port, callFetch, sleep, lognormal, chance } = require('./peers');
const { redis } = require('./stores');

const tracer = trace.getTracer('shop.recommend', '1.0.0-beta.3');
const app = express();
const store = redis();

app.get('/related/:id', async (request, response) => {
  const id = Number(request.params.id) || 0;
  const ids = await tracer.startActiveSpan('rank candidates', async (span) => {
    const seen = await store.zrevrange(`seen:${id}`, 0, Number(request.query.n || 4) - 1, 'WITHSCORES');
    const scores = seen.filter((_, i) => i % 2).map(Number);
    span.setAttributes({
      'rank.model': 'co-visit-v7',
      'rank.scores': scores,
      'rank.cold_start': scores.length === 0,
    });
    if (chance(0.02)) await sleep(lognormal(60, 0.7));
    span.end();
    return seen.filter((_, i) => i % 2 === 0);
  });
  await store.zincrby(`seen:${id}`, 1, 1 + ((id * 7 + Math.floor(Math.random() * 5)) % 2000));
  const products = await Promise.all(ids.slice(0, 2).map((related) => callFetch('catalog', `/products/${related}`)));
  response.json(products.filter((product) => product.status === 200).map((product) => product.body.name));
});
app.listen(port, process.env.SHOP_ADDRESS);
