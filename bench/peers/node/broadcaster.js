// The `ws` package at its best: one frame built once, written to each socket.
// node broadcaster.js PORT; GET /ws subscribes, POST /pub sends its body to all.
const http = require('http');
const { WebSocketServer, Sender } = require('ws');

const readers = new WebSocketServer({ noServer: true, perMessageDeflate: false });

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true };
    const frame = Buffer.concat(Sender.frame(Buffer.concat(parts), options));
    for (const reader of readers.clients) reader._socket.write(frame);
    response.writeHead(204).end();
  });
});

server.on('upgrade', (request, socket, head) => {
  readers.handleUpgrade(request, socket, head, (reader) => readers.emit('connection', reader));
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
