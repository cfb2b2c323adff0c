import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { LocalBackendError } from '../errors.ts';

/** A file inside a zip archive, as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

/**
 * Unpacks the file whose name inside the archive ends in `/NAME` (or is NAME) to `targetPath`. Streams: needs no memory in
 * proportion to the file. Throws `BACKEND_NO_MODEL` when the archive has no such file or is of a kind not read
 * here (more than 4 GB, several disks, methods other than stored and deflate).
 */
export async function unzipEntry(
  archivePath: string,
  name: string,
  targetPath: string,
  signal?: AbortSignal,
): Promise<void> {
  const archive = await open(archivePath);
  try {
    const entries = listEntries(await readDirectory(archive, archivePath));
    const entry = entries.find((found) => found.name === name || found.name.endsWith(`/${name}`));
    if (!entry) throw broken(archivePath, `has no ${name}`);
    const start = await dataOffset(archive, entry);
    const end = start + entry.compressedBytes - 1;
    await pipeline(
      createReadStream(archivePath, { start, end }),
      decompressor(archivePath, entry),
      createWriteStream(targetPath),
      { signal },
    );
  } finally {
    await archive.close();
  }
}

/** The entries of a central directory, in its order. */
export function listEntries(directory: Buffer): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === CENTRAL_HEADER) {
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_OF_DIRECTORY = 0x06054b50;
/** The end record is 22 bytes and a comment of at most 65,535. */
const MAX_END_BYTES = 22 + 65_535;

async function readDirectory(archive: FileHandle, path: string): Promise<Buffer> {
  const { size } = await archive.stat();
  const tail = await readAt(archive, Math.max(0, size - MAX_END_BYTES), Math.min(size, MAX_END_BYTES));
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_OF_DIRECTORY);
  const end = tail.lastIndexOf(signature);
  if (end < 0 || end + 22 > tail.length) throw broken(path, 'is not a complete zip archive');
  const directoryBytes = tail.readUInt32LE(end + 12);
  const directoryOffset = tail.readUInt32LE(end + 16);
  if (directoryOffset + directoryBytes > size) throw broken(path, 'is a zip archive of a kind not read here');
  return readAt(archive, directoryOffset, directoryBytes);
}

/** Where the data begins: the local header repeats the name and may carry other extra fields. */
async function dataOffset(archive: FileHandle, entry: ZipEntry): Promise<number> {
  const header = await readAt(archive, entry.headerOffset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL_HEADER) throw broken(entry.name, 'is damaged');
  return entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(archive: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await archive.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

function decompressor(path: string, entry: ZipEntry): NodeJS.ReadWriteStream {
  if (entry.method === 0) return new PassThrough();
  if (entry.method === 8) return createInflateRaw();
  throw broken(
    path,
    `packs ${entry.name} by method ${entry.method}; only stored (0) and deflate (8) are read`,
  );
}

function broken(what: string, fault: string): LocalBackendError {
  return new LocalBackendError('BACKEND_NO_MODEL', `${what} ${fault}`);
}
