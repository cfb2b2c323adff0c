import { fileJsonSchema } from './json-schema.ts';

/** Where a command writes. */
export interface SchemaIo {
  readonly stdout: (text: string) => void;
}

/** `forebay-scaler schema`: prints the JSON Schema of the configuration file. Returns the exit status. */
export function runSchema(io: SchemaIo): number {
  io.stdout(`${JSON.stringify(fileJsonSchema(), undefined, 2)}\n`);
  return 0;
}
