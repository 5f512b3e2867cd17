// Payments: node's plain http server; declines, time-outs and failures as a real provider has them.
'use strict';
const http = require('http');
const crypto = require('crypto');
const { trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { port, sleep, lognormal, chance } = require('./peers');
const { postgres } = require('./stores');

const tracer = trace.getTracer('shop.payment', '0.9.7');
const db = postgres();

class CardDeclined extends Error {
  constructor(reason) {
    super(`card declined: ${reason}`);
    this.name = 'CardDeclined';
    this.code = reason;
  }
}

async function charge({ order, card, cents }) {
  return tracer.startActiveSpan('charge card', { kind: SpanKind.CLIENT }, async (span) => {
    span.setAttributes({
      'payment.provider': ['acme-pay', 'cardly', 'bankline'][order % 3],
      'payment.amount': cents / 100,
      'payment.currency': 'EUR',
      'payment.3ds': cents > 4000,
      'payment.attempts': [1, ...(chance(0.1) ? [2] : [])],
    });
    try {
      await sleep(chance(0.005) ? 1700 : lognormal(12, 0.9));
      span.addEvent('provider.answered', { 'provider.region': 'eu-west-1' });
      if (String(card).endsWith('0')) throw new CardDeclined('insufficient_funds');
      if (chance(0.01)) throw new CardDeclined('suspected_fraud');
      return crypto.randomBytes(9).toString('hex');
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

http
  .createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'POST') return answer(405, { error: 'POST only' });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const id = await charge(body);
      await db.query('INSERT INTO charges (order_id, charge, cents) VALUES ($1, $2, $3)', [
        body.order,
        id,
        body.cents,
      ]);
      answer(200, { charge: id });
    } catch (error) {
      answer(error instanceof CardDeclined ? 402 : 500, { error: error.message });
    }
  })
  .listen(port, process.env.SHOP_ADDRESS);
