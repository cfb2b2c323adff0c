/** Where the scaler remembers its decisions, unless told: in the user's state folder; nothing where no home is known. */
export function defaultStateFile(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
): string | undefined {
  const { XDG_STATE_HOME: stateHome, LOCALAPPDATA: localAppData, HOME: home } = env;
  // The XDG specification has relative paths ignored.
  if (stateHome?.startsWith('/')) return `${stateHome}/${FILE}`;
  if (platform === 'win32') return localAppData ? `${localAppData}\\forebay\\scaler.sqlite` : undefined;
  if (!home) return undefined;
  return platform === 'darwin'
    ? `${home}/Library/Application Support/${FILE}`
    : `${home}/.local/state/${FILE}`;
}

const FILE = 'forebay/scaler.sqlite';
