import type { Clock } from '../clock.ts';

/** Where progress is shown: a terminal or a file. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far something is. */
export interface ProgressLine {
  /** May be called at any rate; shows little of it. */
  update(what: string, doneBytes: number, totalBytes: number): void;
  /** Ends the line, if one stands there. */
  end(): void;
}

/** On a terminal one line that is rewritten five times a second, elsewhere a line every 3 s. */
export function createProgressLine(output: ProgressOutput, clock: Clock): ProgressLine {
  const intervalMs = output.isTTY ? 200 : 3_000;
  let shownMs = Number.NEGATIVE_INFINITY;
  let standing = false;
  return {
    update(what, doneBytes, totalBytes) {
      if (clock.nowMs() - shownMs < intervalMs) return;
      shownMs = clock.nowMs();
      const percent = Math.floor((100 * doneBytes) / totalBytes);
      const text = `forebay-local-backend: ${what}: ${toMb(doneBytes)} of ${toMb(totalBytes)} MB (${percent} %)`;
      output.write(output.isTTY ? `\r${text}  ` : `${text}\n`);
      standing = output.isTTY === true;
    },
    end() {
      if (standing) output.write('\n');
      standing = false;
      shownMs = Number.NEGATIVE_INFINITY;
    },
  };
}

function toMb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
