// The shipping service's gRPC contract (JSON as the message encoding, so that no .proto is needed) and its client.
'use strict';
const grpc = require('@grpc/grpc-js');
const { address, port } = require('./peers');

const serialize = (value) => Buffer.from(JSON.stringify(value));
const deserialize = (bytes) => JSON.parse(bytes.toString());
const method = (name) => ({
  path: `/shop.Shipping/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
});
const definition = { Quote: method('Quote'), Track: method('Track') };

const Client = grpc.makeGenericClientConstructor(definition, 'shop.Shipping');
let client;
const ask = (name, request) =>
  new Promise((resolve, reject) => {
    client ??= new Client(`${address('shipping')}:${port}`, grpc.credentials.createInsecure());
    client[name](request, { deadline: Date.now() + 1000 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });

module.exports = { definition, quote: (request) => ask('Quote', request), track: (request) => ask('Track', request) };
