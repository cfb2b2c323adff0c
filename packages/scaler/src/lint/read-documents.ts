import { isDocument, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { offsetOf } from '../config/read-yaml.ts';

/** One document of a YAML or JSON file. */
export interface Values {
  readonly value: unknown;
  /** Line, from 1, of what stands at a path. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** All documents of a file; tags such as CloudFormation's `!Ref` become plain values. A fault of the grammar is a text. */
export function readDocuments(text: string): readonly Values[] | string {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const documents = Array.isArray(parsed) ? parsed : [];
  const fault = documents.flatMap(({ errors }) => errors)[0];
  if (fault !== undefined) return `line ${lines.linePos(fault.pos[0]).line} is not YAML: ${fault.message}`;
  try {
    return documents.filter(isDocument).map((document) => {
      // `as` holds: without the option keepSourceTokens contents are nodes or null.
      const root = document.contents as Node | null;
      return {
        value: document.toJS({ maxAliasCount: 100 }),
        lineOf: (path) => lines.linePos(offsetOf(root, path)).line,
      };
    });
  } catch (error) {
    // What aliases stand for would be larger than anybody means it to be.
    return `can't be read: ${(error as Error).message}`;
  }
}
