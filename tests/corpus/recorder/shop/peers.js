// Where the services listen and how they call each other. Every instance has its own loopback address, so that
// server.address and network.peer.address look like those of a real installation.
'use strict';
const http = require('http');

const instances = {
  gateway: ['127.0.1.1', '127.0.1.2'],
  catalog: ['127.0.2.1', '127.0.2.2', '127.0.2.3'],
  account: ['127.0.3.1'],
  cart: ['127.0.4.1', '127.0.4.2'],
  order: ['127.0.5.1', '127.0.5.2'],
  payment: ['127.0.6.1', '127.0.6.2'],
  shipping: ['127.0.7.1'],
  recommend: ['127.0.8.1'],
  fulfilment: ['127.0.9.1', '127.0.9.2'],
  notifier: ['127.0.10.1'],
};
const port = 7700;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

const address = (service) => {
  const all = instances[service];
  return all[Math.floor(Math.random() * all.length)];
};

/** One call with JSON in and out over node's http client; rejects on a time-out, answers every status. */
function call(service, method, path, body, timeout_ms = 2000) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
    const request = http.request(
      { host: address(service), port, method, path, headers, agent, timeout: timeout_ms },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const json = (response.headers['content-type'] || '').includes('json');
          resolve({ status: response.statusCode, body: json && answer ? JSON.parse(answer) : answer });
        });
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error(`${service} did not answer within ${timeout_ms} ms`)));
    request.on('error', reject);
    request.end(text);
  });
}

/** The same over fetch (another client, other attributes). */
async function callFetch(service, path) {
  const response = await fetch(`http://${address(service)}:${port}${path}`);
  return { status: response.status, body: response.ok ? await response.json() : await response.text() };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** A log-normal time in ms: most near `median`, a long slow tail. */
const lognormal = (median, sigma) =>
  median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
const chance = (p) => Math.random() < p;

module.exports = { instances, port, address, call, callFetch, sleep, lognormal, chance };
