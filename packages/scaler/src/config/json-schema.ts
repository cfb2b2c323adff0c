import { z } from 'zod';
import { fileSchema } from './file-schema.ts';

/** As much of a JSON Schema as this program reads itself. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** The JSON Schema (draft 7, which editors read) of the configuration file; rules between fields are not in it. */
export function fileJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(fileSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // zod's readonly() means our code; in a JSON Schema it would tell people not to write the key.
      delete jsonSchema.readOnly;
    },
  });
  // `as` holds: JsonSchema is a part of what toJSONSchema makes for the kinds of schemas used here.
  return { title: "Configuration of Forebay's scaler", ...schema } as JsonSchema;
}
