/** Three digits that mean something below 100, whole numbers above; a dash for what is no number. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value < 99.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

/** Three digits that mean something; a dash for what is no number. */
export function milliseconds(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value < 9.995 ? value.toFixed(2) : count(value);
}

/** A share as whole percents; a dash for what is no number. */
export function percent(ratio: number): string {
  return Number.isFinite(ratio) ? `${Math.round(ratio * 100)} %` : '–';
}
