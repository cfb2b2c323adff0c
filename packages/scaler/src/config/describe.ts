import { GROUP_VARIABLES, THRESHOLD_VARIABLES, VARIABLES } from './environment.ts';
import { fileJsonSchema, type JsonSchema } from './json-schema.ts';

const NAME_COLUMNS = 26;
const TEXT_COLUMNS = 84;

/** The text of `--help`; its tables are made from the schema itself. */
export function describeHelp(version: string): string {
  const schema = fileJsonSchema();
  const group = schema.properties?.groups?.items ?? {};
  return `forebay-scaler ${version}: decides how many embedding replicas run, and explains why.

It reads your gateways' /metrics, works out how many replicas the load needs by the time new ones are ready,
and starts and stops them through a driver: local processes, Docker Swarm, Kubernetes, ECS,
EC2 Auto Scaling groups, or EC2 instances of its own.
Gateways find the replicas at its GET /v1/backends; a replica leaves only when it is empty.

Usage: forebay-scaler [run] [--config FILE] [--check-config] [--help] [--version]
       forebay-scaler simulate --trace FILE.csv --policy NAME|FILE …
       forebay-scaler agent --scaler URL …
       forebay-scaler lint FILE…
       forebay-scaler schema

  run              scales, until SIGTERM (the command when none is named)
  simulate         replays a recorded load against policies before you deploy them: waits, hours, cost
  agent            runs on a host beside its model server: tells the scaler how the host is, and that AWS takes it away
  lint             finds what quietly does nothing in scaling configurations: this program's, CDK, CloudFormation,
                   Kubernetes; exits 1 when it found something
  schema           prints the JSON Schema of the configuration file, for editors and checks

  --config FILE    settings in YAML, by the names below; secret:NAME_OR_ARN takes them from AWS Secrets Manager,
                   secret-tag:ConfSecret from the secret that this EC2 instance's tag ConfSecret names
  --check-config   says what the configuration comes to and where each value is from; exits 0 usable, 1 not

Examples:

  SCALER_DRY_RUN=1 forebay-scaler
                           watches a local gateway, decides every five seconds, logs what it would do
  MIN_INSTANCES=1 MAX_INSTANCES=4 CPU_THRESHOLD=70 forebay-scaler
                           one to four local replicas, by queued work, and half as many more above 70 % CPU
  forebay-scaler --config scaler.yaml
                           with two groups, say:
                             groups:
                               - {name: gpu, class: gpu, min: 1, max: 2}
                               - {name: cpu, class: cpu, min: 0, max: 20}

Settings of the file; in brackets the variable that wins over it:

${describeFields(schema, variableOf)}

Thresholds in the environment:

${THRESHOLD_VARIABLES.map(({ variable, meaning }) => entry(variable, meaning)).join('\n')}

Settings of a group; variables are for the group named default:

${describeFields(group, groupVariableOf)}

Policies (type, and what is required) and their settings:

${(group.properties?.policies?.items?.oneOf ?? []).map(describePolicy).join('\n\n')}
`;
}

function describePolicy(policy: JsonSchema): string {
  const type = String(policy.properties?.type?.const);
  const own = Object.entries(policy.properties ?? {}).filter(
    ([name]) => !['type', 'name', 'weight'].includes(name),
  );
  const lines = own.map(([name, field]) => {
    const required = policy.required?.includes(name) && field.default === undefined;
    return entry(`  ${name}`, `${meaningOf(field)}${required ? '. Required' : ''}`);
  });
  return [entry(type, policy.description ?? ''), ...lines].join('\n');
}

function describeFields(schema: JsonSchema, variable: (key: string) => string | undefined): string {
  return Object.entries(schema.properties ?? {})
    .map(([key, field]) => {
      const name = variable(key);
      return entry(key, `${name === undefined ? '' : `[${name}] `}${meaningOf(field)}`);
    })
    .join('\n');
}

/** What a setting is for, its bounds and its default; a small mapping shows those of its members. */
function meaningOf(field: JsonSchema): string {
  const members = Object.entries(field.properties ?? {})
    .filter(([, member]) => member.default !== undefined && typeof member.default !== 'object')
    .map(([name, member]) => `${name} ${String(member.default)}`);
  const fallback = members.length > 0 ? members.join(', ') : shownDefault(field.default);
  return [field.description ?? '', boundsOf(field), fallback === undefined ? '' : `Default: ${fallback}`]
    .filter((part) => part !== '')
    .join('. ');
}

function boundsOf({ enum: options, minimum, exclusiveMinimum, maximum = UNBOUNDED }: JsonSchema): string {
  if (options !== undefined) return `One of ${options.join(', ')}`;
  const most = maximum < UNBOUNDED ? `, at most ${maximum}` : '';
  if (exclusiveMinimum !== undefined) return `Above ${exclusiveMinimum}${most}`;
  return minimum !== undefined && maximum < UNBOUNDED ? `From ${minimum} to ${maximum}` : '';
}

/** A bound this far away is there to catch slips, and tells people nothing. */
const UNBOUNDED = 1_000_000;

function shownDefault(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.keys(value).length === 0 ? 'none' : undefined;
}

function variableOf(key: string): string | undefined {
  return VARIABLES.find((variable) => variable.key === key)?.names.join(', else ');
}

function groupVariableOf(key: string): string | undefined {
  return GROUP_VARIABLES.find((variable) => variable.key === key)?.names.join(', ');
}

function entry(name: string, text: string): string {
  const [first = '', ...more] = wrapped(text, TEXT_COLUMNS);
  const indent = ' '.repeat(NAME_COLUMNS + 3);
  return [`  ${name.padEnd(NAME_COLUMNS)} ${first}`, ...more.map((line) => indent + line)].join('\n');
}

/** Breaks a text at spaces into lines of at most `columns` letters, where its words allow it. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
