// Whole coins, as people read and write them.

export const maxMovement = 1_000_000_000_000;
export const maxBalance = 1_000_000_000_000_000;

const whole = new Intl.NumberFormat('en-US');
let short: Intl.NumberFormat | undefined; // made when it is first needed

export const number = (n: number): string => whole.format(n);
/** For axes and tight places: 1.2M. */
export const compact = (n: number): string => (Math.abs(n) < 10_000 ? whole.format(n) : (short ??= new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })).format(n));
/** With its sign: +250, −30. */
export const signed = (n: number): string => (n > 0 ? '+' : n < 0 ? '−' : '') + whole.format(Math.abs(n));

/** What Discord draws as a picture has no sign here: <:gem:123>. */
export function symbol(s: string): string {
  return /^<a?:\w+:\d+>$/.test(s) ? '' : s;
}

/**
 * Reads an amount as the bot's commands do: digits, in groups of three or not, with k, m
 * or b behind it. null: that is none.
 */
export function parseAmount(text: string): number | null {
  const found = /^(\d+|\d{1,3}(?:([,'_ ])\d{3})(?:\2\d{3})*)(?:\.(\d{1,2}))?\s*([kmb])?$/i.exec(text.trim());
  if (!found) return null;
  const [, digits = '', , decimals, suffix] = found;
  if (decimals !== undefined && suffix === undefined) return null;
  const scale = suffix === undefined ? 1 : { k: 1e3, m: 1e6, b: 1e9 }[suffix.toLowerCase()]!;
  const n = Number(digits.replace(/\D/g, '')) * scale + (decimals === undefined ? 0 : Number(decimals.padEnd(2, '0')) * (scale / 100));
  return Number.isSafeInteger(n) ? n : null;
}

/** A part of a reward in percent; null if it is none, as nothing at all is. */
export function parsePercent(text: string): number | null {
  const n = /^\d{1,3}$/.test(text.trim()) ? Number(text) : NaN;
  return n <= 100 ? n : null;
}
