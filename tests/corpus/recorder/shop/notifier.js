// Mails: RabbitMQ -> account data from PostgreSQL -> a mail gateway that is sometimes down, with retries.
'use strict';
const { trace, SpanStatusCode } = require('@opentelemetry/api');
const { sleep, lognormal, chance } = require('./peers');
const { postgres, redis, queue } = require('./stores');

const tracer = trace.getTracer('shop.notifier');
const db = postgres();
const limiter = redis();

async function send(user, order) {
  for (let attempt = 1; ; ++attempt) {
    const sent = await tracer.startActiveSpan('smtp.send', async (span) => {
      span.setAttributes({
        'messaging.template': 'order-placed',
        'mail.attempt': attempt,
        'mail.locale': ['de', 'en', 'fr', 'pt-BR'][user % 4],
      });
      await sleep(lognormal(5, 0.6));
      const failed = chance(0.05);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: '421 4.7.0 try again later' });
      else span.setStatus({ code: SpanStatusCode.OK });
      span.end();
      return !failed;
    });
    if (sent || attempt === 3) return sent;
    await sleep(20 * attempt);
  }
}

queue().then((channel) =>
  channel.consume('mail.send', async (message) => {
    const order = JSON.parse(message.content.toString());
    if ((await limiter.incr(`mail:${order.user}`)) % 50 === 0) await limiter.del(`mail:${order.user}`);
    const { rows } = await db.query('SELECT id, name FROM users WHERE id = $1', [order.user]);
    const sent = rows[0] && (await send(rows[0].id, order.id));
    sent ? channel.ack(message) : channel.nack(message, false, false);
  }),
);
