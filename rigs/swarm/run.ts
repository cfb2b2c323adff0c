import { execFile } from 'node:child_process';

/** Runs a program to its end and resolves with what it printed; rejects with what it said on stderr. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<string> {
  const { env = process.env, timeoutMs = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const limits = { env, timeout: timeoutMs, maxBuffer: 64 * 2 ** 20 };
    execFile(program, args, limits, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}
