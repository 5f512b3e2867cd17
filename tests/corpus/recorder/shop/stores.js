// Connections to PostgreSQL, Redis and RabbitMQ; where they listen comes from run.sh.
'use strict';
const { Pool } = require('pg');
const Redis = require('ioredis');
const amqp = require('amqplib');

const postgres = () =>
  new Pool({
    host: '127.0.0.1',
    port: +process.env.SHOP_POSTGRES_PORT,
    user: 'shop',
    database: 'shop',
    max: 8,
  });
const redis = () => new Redis({ host: '127.0.0.1', port: +process.env.SHOP_REDIS_PORT });

/** A channel with the shop's topology: one topic exchange, three queues and a dead-letter queue. */
async function queue() {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.env.SHOP_RABBIT_PORT}`);
  const channel = await connection.createChannel();
  await channel.assertExchange('shop.events', 'topic');
  await channel.assertQueue('shop.dead');
  for (const [name, key] of [
    ['orders.pack', 'order.placed'],
    ['mail.send', 'order.*'],
    ['stock.sync', 'stock.changed'],
  ]) {
    await channel.assertQueue(name, { deadLetterExchange: '', deadLetterRoutingKey: 'shop.dead' });
    await channel.bindQueue(name, 'shop.events', key);
  }
  await channel.prefetch(16);
  return channel;
}

const publish = (channel, key, event) =>
  channel.publish('shop.events', key, Buffer.from(JSON.stringify(event)), { contentType: 'application/json' });

module.exports = { postgres, redis, queue, publish };
