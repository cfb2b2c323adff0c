import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** A YAML (or JSON) text as values, with the places where they stood. */
export interface YamlValues {
  readonly kind: 'yaml';
  /** `null` for an empty text. */
  readonly value: unknown;
  /** Line, from 1, of the value at `path`, or of the nearest thing around it that exists. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Reads YAML; every fault of its grammar is a problem like `forebay.yaml:7 …`. */
export function readYaml(
  text: string,
  fileName: string,
): YamlValues | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [
    ...document.errors.map(({ pos, message }) => ({ offset: pos[0], message })),
    ...lostAliases(document),
  ];
  if (faults.length > 0) {
    const problems = faults.map(
      ({ offset, message }) => `${fileName}:${lines.linePos(offset).line} is not YAML: ${message}`,
    );
    return { kind: 'broken', problems };
  }
  // `as` holds: without the option keepSourceTokens contents are nodes or null.
  const root = document.contents as Node | null;
  return {
    kind: 'yaml',
    value: document.toJS({ maxAliasCount: -1 }),
    lineOf: (path) => lines.linePos(offsetOf(root, path)).line,
  };
}

/** Values like `*` or `*name` that mean an anchor nobody set; the parser finds them only when it is too late. */
function lostAliases(document: Document.Parsed): { readonly offset: number; readonly message: string }[] {
  const lost: { offset: number; message: string }[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const message = `*${alias.source} has no anchor &${alias.source} before it; a text that begins with * needs quotes`;
      lost.push({ offset: alias.range?.[0] ?? 0, message });
    },
  });
  return lost;
}

/** Where the value at `path` begins; for a member of a mapping, where its key does; else the nearest thing around it. */
export function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    const found = member(node, step);
    if (found === undefined) break;
    offset = found.offset ?? offset;
    node = found.node;
  }
  return offset;
}

function member(node: unknown, step: PropertyKey): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { node: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined };
  }
  if (isSeq(node) && typeof step === 'number') {
    // `as` holds: items of a parsed sequence are nodes; an absent one is undefined.
    const item = node.items[step] as Node | undefined;
    return item && { node: item, offset: item.range?.[0] };
  }
  return undefined;
}
