// Drives the shop through its gateway as customers do: browse, search, log in, fill the cart, pay, plus the noise that
// every public service sees (404s, broken JSON, expired sessions, clients that hang up). Not instrumented.
// Usage: node load.js SEED CUSTOMERS_AT_ONCE; runs until it is killed.
'use strict';
const http = require('http');
const { instances, port } = require('./shop/peers');

const [seed, concurrency] = [+process.argv[2], +process.argv[3]];
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

/** mulberry32: a small seeded generator, so that two recordings with one seed ask for the same things. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
    'Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
    'Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    'Chrome/141.0.0.0 Mobile Safari/537.36',
  'ShopApp/5.12.1 (Android 14)',
  'ShopApp/5.13.0 (iOS 18.5)',
  'ShopApp/5.11.4 (Android 13)',
  'curl/8.9.1',
  'python-requests/2.32.3',
];
const words = [
  'lamp',
  'chair',
  'desk',
  'shelf',
  'oak',
  'steel',
  'red',
  'soft',
  'mini',
  'garden',
  'kids',
  'ultra',
  'zzz',
  "o'neill",
  'größe',
];
const categories = ['lighting', 'seating', 'tables', 'storage', 'outdoor', 'textiles', 'kitchen', 'office'];
const countries = ['DE', 'FR', 'PT', 'PL', 'SE', 'AT', 'NL', 'ES', 'IT', 'CZ'];

async function customer(number) {
  const random = generator(seed * 1000003 + number);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const popular = () => 1 + Math.floor(2000 * random() ** 2.5);
  const address = `${pick(['203.0.113', '198.51.100', '192.0.2'])}.${1 + Math.floor(random() * 254)}`;
  const browser = pick(agents);
  let token;

  const ask = (method, path, body, hangup_ms) =>
    new Promise((resolve) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const headers = { 'user-agent': browser, 'x-forwarded-for': address };
      if (token) headers.authorization = `Bearer ${token}`;
      if (text)
        Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      const request = http.request(
        { host: pick(instances.gateway), port, method, path, headers, agent },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => {
            try {
              resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
            } catch {
              resolve({ status: response.statusCode });
            }
          });
          response.on('error', () => resolve({ status: 0 }));
        },
      );
      request.on('error', () => resolve({ status: 0 }));
      if (hangup_ms) setTimeout(() => request.destroy(), hangup_ms);
      request.end(text);
    });

  for (;;) {
    const visits = 2 + Math.floor(random() * 6);
    for (let i = 0; i < visits; ++i) {
      const what = random();
      if (what < 0.35) await ask('GET', `/api/v1/products/${popular()}`);
      else if (what < 0.55)
        await ask('GET', `/api/v1/products?category=${pick(categories)}&page=${Math.floor(random() * 4)}`);
      else if (what < 0.72) await ask('GET', `/api/v1/products?q=${encodeURIComponent(pick(words))}`);
      else if (what < 0.82) await ask('GET', '/healthz');
      else if (what < 0.85) await ask('GET', `/api/v1/products/${9000 + Math.floor(random() * 99)}`);
      else if (what < 0.87) await ask('GET', pick(['/wp-login.php', '/.env', '/api/v2/products', '/favicon.ico']));
      else if (what < 0.88) await ask('POST', '/api/v1/login', '{"name": "broken');
      else if (what < 0.89) await ask('GET', '/api/v1/report');
      else if (what < 0.91) await ask('GET', `/api/v1/products/${popular()}`, undefined, 3);
      else await ask('GET', `/api/v1/orders/${1 + Math.floor(random() * 3000)}`);
    }
    const wrong = random() < 0.06;
    const name = `user-${String(1 + Math.floor(random() * 3000)).padStart(4, '0')}`;
    const login = await ask('POST', '/api/v1/login', { name, password: wrong ? 'guess' : `pw-${name}` });
    if (login.status !== 200) continue;
    token = random() < 0.03 ? 'expired-token' : login.body.token;
    for (let i = 0, lines = 1 + Math.floor(random() * 4); i < lines; ++i)
      await ask('POST', '/api/v1/cart', { product: popular(), count: 1 + Math.floor(random() * 3) });
    await ask('GET', '/api/v1/cart');
    if (random() < 0.7)
      await ask('POST', '/api/v1/checkout', {
        card: `4${String(Math.floor(random() * 1e15)).padStart(15, '0')}`,
        country: pick(countries),
      });
    token = undefined;
  }
}

for (let number = 0; number < concurrency; ++number) customer(number);
