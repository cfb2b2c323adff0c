/**
 * A number as Java's `Float.toString` prints it, which is what DJL's JSON holds: the fewest digits that give the same
 * 32-bit float, with a decimal point from 0.001 up to 10,000,000 and as `1.2345E-4` outside.
 */
export function javaFloat(value: number): string {
  const rounded = Math.fround(value);
  if (rounded === 0) return Object.is(rounded, -0) ? '-0.0' : '0.0';
  const { digits, exponent } = shortest(Math.abs(rounded));
  const sign = rounded < 0 ? '-' : '';
  if (exponent < -3 || exponent > 6) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, '0');
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || '0'}`;
}

/** The significant digits without trailing zeros, and the power of ten of the first one; nine always suffice. */
function shortest(float: number): { digits: string; exponent: number } {
  for (let precision = 1; ; precision += 1) {
    const text = float.toExponential(precision - 1);
    if (precision < 9 && Math.fround(Number(text)) !== float) continue;
    const [mantissa = '', exponent = ''] = text.split('e');
    return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
  }
}
