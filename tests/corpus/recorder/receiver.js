// Keeps what OTLP/HTTP exporters send, byte for byte: POST /v1/traces bodies (protobuf) are appended to
// OUT/NNN.otlp, each as a little-endian u32 length and the body; a new file begins after SPANS_PER_FILE spans.
// Exits by itself after SPANS_MAX spans. Usage: node receiver.js OUT PORT SPANS_MAX [SPANS_PER_FILE]
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');

const [out, port, spansMax, spansPerFile = 125000] = [
  process.argv[2],
  +process.argv[3],
  +process.argv[4],
  +(process.argv[5] || 125000),
];
let spans = 0,
  bodies = 0,
  bytes = 0,
  fileSpans = 0,
  file = -1,
  number = fs.readdirSync(out).length;
const started_ms = Date.now();

/** Offsets of the length-delimited fields numbered `wanted` of a protobuf message. */
function* fields(buffer, begin, end, wanted) {
  const varint = () => {
    let value = 0,
      scale = 1,
      byte;
    do {
      byte = buffer[begin++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte & 128);
    return value;
  };
  while (begin < end) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) varint();
    else if (wire === 1) begin += 8;
    else if (wire === 5) begin += 4;
    else {
      const size = varint();
      if (tag >>> 3 === wanted) yield [begin, begin + size];
      begin += size;
    }
  }
}

function countSpans(body) {
  let count = 0;
  for (const resource of fields(body, 0, body.length, 1))
    for (const scope of fields(body, ...resource, 2)) for (const _ of fields(body, ...scope, 2)) ++count;
  return count;
}

function keep(body) {
  if (file < 0 || fileSpans >= spansPerFile) {
    if (file >= 0) fs.closeSync(file);
    file = fs.openSync(path.join(out, `${String(number++).padStart(3, '0')}.otlp`), 'wx');
    fileSpans = 0;
  }
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  fs.writevSync(file, [length, body]);
  const count = countSpans(body);
  spans += count;
  fileSpans += count;
  bodies += 1;
  bytes += body.length;
}

http
  .createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url !== '/v1/traces' || request.headers['content-encoding']) return response.writeHead(400).end();
      if (spans < spansMax) keep(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      if (spans >= spansMax) setTimeout(() => process.exit(0), 100);
    });
  })
  .listen(port, '127.0.0.1');

setInterval(() => {
  const seconds = (Date.now() - started_ms) / 1000;
  console.log(
    `${seconds.toFixed(0)} s: ${spans} spans in ${bodies} bodies, ${bytes} bytes, ` +
      `${(spans / seconds).toFixed(0)} spans/s`,
  );
}, 10000).unref();
