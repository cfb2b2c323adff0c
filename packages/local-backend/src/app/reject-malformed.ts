import type { Duplex } from 'node:stream';

/** Answers what is not HTTP, or took too long to become a request, and closes: nothing after it can be understood. */
export function rejectMalformed(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, reason, message] = ANSWERS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    `Invalid HTTP message: ${error.message}`,
  ];
  const type = code === 408 ? 'TimeoutException' : 'BadRequestException';
  const body = `${JSON.stringify({ code, type, message })}\n`;
  const head = [
    `HTTP/1.1 ${code} ${reason}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const ANSWERS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request did not arrive in time'],
};
