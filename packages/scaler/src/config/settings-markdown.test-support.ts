import { CLASS_RATES } from './class-rates.ts';
import { GROUP_VARIABLES, THRESHOLD_VARIABLES, VARIABLES } from './environment.ts';
import { fileJsonSchema, type JsonSchema } from './json-schema.ts';

/** The text of docs/scaler-settings.md, made from the schema itself. */
export function settingsMarkdown(): string {
  const schema = fileJsonSchema();
  const group = schema.properties?.groups?.items ?? {};
  const signals = schema.properties?.signals?.additionalProperties?.anyOf?.[0]?.oneOf ?? [];
  const policies = group.properties?.policies?.items?.oneOf ?? [];
  return `# Settings of the scaler

Made from the program's own schema by a test (\`vitest -u\` writes it anew); \`forebay-scaler schema\` prints the same for editors and checks,
\`forebay-scaler --help\` for people. How they work together: [scaler.md](scaler.md).

## Of the file

${table(['key', 'default', 'variable', 'means'], rows(schema, VARIABLES))}

## Of signals

Under \`signals.NAME\`; in a list each names its \`group\`, and one that names none is for the rest.

${signals.map(policySection).join('\n\n')}

## Of an alarm and a queue of notices

${table(['key', 'default', 'variable', 'means'], [...prefixed('alarms[].', schema.properties?.alarms?.items ?? {}), ...prefixed('interruptionQueues[].', schema.properties?.interruptionQueues?.items ?? {})])}

## Of a group

Variables are for the group named \`default\`.

${table(['key', 'default', 'variable', 'means'], rows(group, GROUP_VARIABLES))}

${table(
  ['variable', 'means'],
  THRESHOLD_VARIABLES.map(({ variable, meaning }) => [code(variable), meaning]),
)}

What one replica does and costs until it is learned or told, by class:

${table(
  ['class', 'chunks/s', '$ an hour'],
  Object.entries(CLASS_RATES).map(([name, rates]) => [
    code(name),
    String(rates.chunksPerSecond),
    String(rates.pricePerHour),
  ]),
)}

## Of policies

Each has a \`name\` (default: its type; several of one type need names of their own) and, for \`combine: weighted\`, a \`weight\`.

${policies.map(policySection).join('\n\n')}
`;
}

type Variables = readonly { readonly key: string; readonly names: readonly string[] }[];

function policySection(policy: JsonSchema): string {
  const own = Object.fromEntries(
    Object.entries(policy.properties ?? {}).filter(([name]) => !['type', 'name', 'weight'].includes(name)),
  );
  const title = `### ${String(policy.properties?.type?.const)}\n\n${sentence(policy.description ?? '')}`;
  return `${title}\n\n${table(
    ['key', 'default', 'means'],
    rows({ ...policy, properties: own }, []).map(([key = '', fallback = '', , means = '']) => [
      key,
      fallback,
      means,
    ]),
  )}`;
}

function prefixed(prefix: string, schema: JsonSchema): string[][] {
  return rows(schema, []).map(([key = '', ...rest]) => [`\`${prefix}${key.slice(1)}`, ...rest]);
}

/** One row for each setting, with those of small mappings after it. */
function rows(schema: JsonSchema, variables: Variables, prefix = ''): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const key = `${prefix}${name}`;
    const names = variables.find((variable) => variable.key === key)?.names ?? [];
    const required = schema.required?.includes(name) && field.default === undefined;
    const row = [
      code(key),
      required ? 'required' : shownDefault(field.default),
      names.map(code).join(', else '),
      [field.description ?? '', bounds(field)].filter((part) => part !== '').join('; '),
    ];
    return [row, ...(name === 'drivers' ? [] : rows(field, [], `${key}.`))];
  });
}

function bounds({ enum: options, minimum, exclusiveMinimum, maximum = 1e6 }: JsonSchema): string {
  if (options !== undefined) return options.map((option) => code(String(option))).join(', ');
  const most = maximum < 1e6 ? `, at most ${maximum}` : '';
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}${most}`;
  return minimum !== undefined && maximum < 1e6 ? `${minimum} to ${maximum}` : '';
}

function shownDefault(value: unknown): string {
  if (value === undefined || value === '') return '';
  if (typeof value !== 'object' || value === null) return code(String(value));
  return Array.isArray(value) && value.length === 0 ? 'none' : '';
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const escaped = body.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((title, i) => Math.max(title.length, ...escaped.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...escaped.map(line)].join('\n');
}
