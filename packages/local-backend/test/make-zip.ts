import { deflateRawSync } from 'node:zlib';

/** A file to pack; other methods than 0 and 8 are claimed, and stored. */
export interface ZipMember {
  readonly name: string;
  readonly content: Buffer;
  readonly method: number;
}

/** The smallest archive that zip readers take: checksums are 0, which ours does not look at. */
export function makeZip(members: readonly ZipMember[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method } of members) {
    const data = method === 8 ? deflateRawSync(content) : content;
    const extra = Buffer.alloc(5); // only in the local header: readers must not rely on the directory's length
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    local.writeUInt16LE(extra.length, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(content.length, 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(offset, 42);
    const bytes = Buffer.concat([local, Buffer.from(name), extra, data]);
    parts.push(bytes);
    directory.push(central, Buffer.from(name));
    offset += bytes.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]);
}
