// Users and their sessions: Koa, PostgreSQL, Redis.
'use strict';
const Koa = require('koa');
const Router = require('@koa/router');
const crypto = require('crypto');
const { trace } = require('@opentelemetry/api');
const { port } = require('./peers');
const { postgres, redis } = require('./stores');

const tracer = trace.getTracer('shop.account');
const app = new Koa();
const router = new Router();
const db = postgres();
const sessions = redis();

async function json(context) {
  const chunks = [];
  for await (const chunk of context.req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

router.post('/sessions', async (context) => {
  const { name, password } = await json(context);
  const { rows } = await db.query('SELECT id, tier, salt, hash FROM users WHERE name = $1', [name]);
  const right =
    rows[0] &&
    tracer.startActiveSpan('verify password', (span) => {
      span.setAttributes({ 'kdf.name': 'pbkdf2', 'kdf.rounds': 500, 'kdf.salted': true });
      const hash = crypto.pbkdf2Sync(password || '', rows[0].salt, 500, 16, 'sha256').toString('hex');
      span.end();
      return hash === rows[0].hash;
    });
  if (!right) {
    trace.getActiveSpan()?.addEvent('login.refused', { 'login.reason': rows[0] ? 'wrong password' : 'unknown user' });
    context.status = 403;
    context.body = { error: 'wrong name or password' };
    return;
  }
  const token = crypto.randomBytes(12).toString('base64url');
  await sessions
    .multi()
    .hset(`session:${token}`, { id: rows[0].id, tier: rows[0].tier })
    .expire(`session:${token}`, 600)
    .exec();
  context.body = { token };
});
router.get('/sessions/:token', async (context) => {
  const session = await sessions.hgetall(`session:${context.params.token}`);
  if (!session.id) context.throw(404, 'no such session');
  context.body = { id: Number(session.id), tier: session.tier };
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
