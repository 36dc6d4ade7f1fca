// Receives log messages over UDP and drops them, so that the proxies pay for sending to an open port.
// Prints its port; ends with its standard input.
import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
socket.on('message', () => {});
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
