// Stands for a vector store: whatever upserts by a key in a transaction does as well.
import { DatabaseSync } from 'node:sqlite';

/** A document's vectors under its id; several processes may write to one file. */
export interface VectorFile extends Disposable {
  has(document: string): boolean;
  /** All of them or none; a document that is there already stays as it is. */
  put(document: string, vectors: readonly (readonly number[])[]): void;
}

/** Opens the file, or makes it. */
export function openVectorFile(path: string): VectorFile {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS vectors (
      document TEXT NOT NULL, chunk INTEGER NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (document, chunk)
    ) STRICT;`);
  const find = database.prepare('SELECT 1 FROM vectors WHERE document = ? LIMIT 1');
  const insert = database.prepare('INSERT INTO vectors VALUES (?, ?, ?)');
  return {
    has: (document) => find.get(document) !== undefined,
    put(document, vectors) {
      database.exec('BEGIN IMMEDIATE');
      try {
        if (find.get(document) === undefined) {
          vectors.forEach((vector, chunk) => {
            insert.run(document, chunk, new Uint8Array(Float32Array.from(vector).buffer));
          });
        }
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}
