// How Discord writes times: <t:seconds:style>, and the stamps of messages.

const shapes: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
  s: { dateStyle: 'short', timeStyle: 'short' },
  S: { dateStyle: 'short', timeStyle: 'medium' },
};

/** The furthest instants that JavaScript and Discord know, in seconds. */
const limit = 8_640_000_000_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The time in the reader's language, and in zone or his own. */
export function format(seconds: number, style: string, locale: string, zone?: string): string {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > limit) return 'Invalid date';
  const key = `${style} ${locale} ${zone ?? ''}`;
  let f = formats.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(locale, { ...(shapes[style] ?? shapes['f']), ...(zone ? { timeZone: zone } : {}) });
    formats.set(key, f);
  }
  return f.format(seconds * 1000);
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

const relatives = new Map<string, Intl.RelativeTimeFormat>();

/** The distance from now in its largest unit: "in 3 hours", "2 days ago". */
export function relative(seconds: number, nowMs: number, locale: string): string {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > limit) return 'Invalid date';
  const off = seconds - nowMs / 1000;
  const [unit, size] = units.find(([, s]) => Math.round(Math.abs(off)) >= s) ?? ['second', 1];
  let f = relatives.get(locale);
  if (!f) relatives.set(locale, (f = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })));
  return f.format(Math.round(off / size), unit);
}

const day = 86_400_000;

/** The end of the day in UTC that is so many days from now: the same for whoever asks again a little later. */
export function endAfter(nowMs: number, days: number): string {
  return new Date((Math.floor(nowMs / day) + 1 + days) * day).toISOString();
}

/** A message's stamp: the time today, else with the day. */
export function stamp(iso: string, nowMs: number, locale: string): string {
  const at = new Date(iso);
  const seconds = at.getTime() / 1000;
  return at.toDateString() === new Date(nowMs).toDateString() ? format(seconds, 't', locale) : format(seconds, 's', locale);
}
