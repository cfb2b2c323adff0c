import { connect } from 'node:net';

/** Everything that comes back for these bytes, until the other side ends the connection or `until` has come. */
export function talkTo(origin: string, bytes: string, until?: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (until?.test(text)) socket.destroy();
    });
    socket.on('error', () => undefined); // a reset ends it as well
    socket.on('close', () => resolve(text));
  });
}
