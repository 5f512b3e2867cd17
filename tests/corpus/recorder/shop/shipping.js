// Shipping quotes and tracking over gRPC, tariffs from Redis.
'use strict';
const grpc = require('@grpc/grpc-js');
const { port, sleep, lognormal, chance } = require('./peers');
const { redis } = require('./stores');
const { definition } = require('./shipping_client');

const tariffs = redis();
const server = new grpc.Server();
server.addService(definition, {
  async Quote({ request }, answer) {
    if (!request.country) return answer({ code: grpc.status.INVALID_ARGUMENT, details: 'country is missing' });
    if (chance(0.003)) return answer({ code: grpc.status.UNAVAILABLE, details: 'carrier does not respond' });
    const tariff = Number(await tariffs.hget('tariff', request.country)) || 900;
    answer(null, {
      cents: tariff + 120 * request.items + (request.express ? 700 : 0),
      days: request.express ? 1 : 4,
    });
  },
  async Track({ request }, answer) {
    await sleep(lognormal(4, 0.8));
    await tariffs.incr(`track:${request.order % 100}`);
    answer(null, { state: 'in transit' });
  },
});
server.bindAsync(`${process.env.SHOP_ADDRESS}:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
