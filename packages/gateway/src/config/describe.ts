import type { LoadedConfig } from './load-config.ts';
import { maskUrlSecrets } from './mask-secrets.ts';
import { SETTING_KEYS, SETTINGS, variableOf } from './settings.ts';

const NAME_COLUMNS = 24;
const TEXT_COLUMNS = 84;

/** The text of `--help`; its table is made from the settings themselves. */
export function describeHelp(version: string): string {
  return `forebay-gateway ${version}: an embedding gateway before DJL Serving, OpenAI and TEI model servers.

Callers send texts as they come; every model server, fast or slow, gets the batches that suit it.
Point DJL_URL, an OpenAI base URL (…/v1) or a TEI URL at it and change nothing else.

Usage: forebay-gateway [--config FILE] [--check-config] [--help] [--version]

  --config FILE    settings in YAML, by the names below in camelCase (maxQueuedChunks: 5000)
  --check-config   says what the configuration comes to, and exits: 0 usable, 1 not

Four settings that people change (the environment wins over the file):

  DJL_URLS=http://gpu-1:8080/predictions/all-MiniLM-L6-v2;class=gpu,http://cpu-1:8080/…;class=cpu
                           the model servers; without any, two local ones with the real model start
  PORT=8080                where it listens
  HOST=0.0.0.0             lets other machines in, which takes the next one (or FOREBAY_ALLOW_OPEN=1)
  FOREBAY_API_KEYS_FILE=keys.yaml
                           who may call, as which tenant, with which limits

All settings:

${SETTING_KEYS.map(describeSetting).join('\n')}
`;
}

/** The text of `--check-config` for a usable configuration: each value and where it comes from, secrets masked. */
export function describeConfig(loaded: LoadedConfig): string {
  const lines = SETTING_KEYS.map((key) => {
    const { secret, show, shownDefault } = SETTINGS[key];
    const value = loaded.config[key];
    const origin = loaded.origins.get(key);
    const shown = secret && value !== undefined ? '****' : maskUrlSecrets(show(value));
    const text = shown === 'none' && origin === undefined ? shownDefault : shown;
    return `  ${variableOf(key).padEnd(NAME_COLUMNS)} ${text}${origin === undefined ? '' : `  (${origin})`}`;
  });
  const warnings = loaded.warnings.map((warning) => `  warning: ${warning}`);
  return ['The configuration is usable:', ...lines, ...warnings, ''].join('\n');
}

function describeSetting(key: (typeof SETTING_KEYS)[number]): string {
  const { meaning, must, shownDefault } = SETTINGS[key];
  const [first = '', ...more] = wrapped(`${meaning}; must ${must}. Default: ${shownDefault}`, TEXT_COLUMNS);
  const indent = ' '.repeat(NAME_COLUMNS + 3);
  return [`  ${variableOf(key).padEnd(NAME_COLUMNS)} ${first}`, ...more.map((line) => indent + line)].join(
    '\n',
  );
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
