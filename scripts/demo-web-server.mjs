// A web server of npm run demo:health: node demo-web-server.mjs NAME ADDRESS PORT. Ends when its stdin does.
import { createServer } from 'node:http';

const [name, address, port] = process.argv.slice(2);
const server = createServer((_request, response) => {
  response.writeHead(200, { connection: 'close' }).end(`hello from ${name}\n`);
});
server.listen(Number(port), address, () => console.log('listening'));
process.stdin.resume().on('end', () => process.exit(0));
