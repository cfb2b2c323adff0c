import type { Fault, SpoiledBodyFault } from './fault.ts';

/** The bytes to send, the length to announce, and whether the connection ends after them. */
export type SpoiledBody = {
  readonly bytes: Buffer;
  readonly contentLength: number;
  readonly ends: boolean;
};

/** The fault among them that breaks bodies. */
export function bodyFaultOf(faults: readonly Fault[]): SpoiledBodyFault | undefined {
  return faults.find(
    (fault): fault is Extract<Fault, SpoiledBodyFault> =>
      fault.kind === 'truncated' || fault.kind === 'cut-json' || fault.kind === 'malformed-json',
  );
}

/** Breaks a body; the given one stays as it is. */
export function spoilBody(body: Buffer, fault: SpoiledBodyFault): SpoiledBody {
  const half = body.subarray(0, body.length >> 1);
  switch (fault.kind) {
    case 'truncated':
      return { bytes: half, contentLength: body.length, ends: true };
    case 'cut-json':
      return { bytes: half, contentLength: half.length, ends: false };
    case 'malformed-json': {
      const bytes = Buffer.from(body);
      bytes.write('#', fault.at === 'middle' ? body.length >> 1 : body.length - 1);
      return { bytes, contentLength: bytes.length, ends: false };
    }
  }
}
