import { relative } from './time';

/** Times are told in the reader's zone, in the dashboard's language. */
export const locale = 'en-GB';

/** The clock that relative times follow. */
class Clock {
  now = $state(Date.now());
  constructor() {
    setInterval(() => {
      if (document.visibilityState === 'visible') this.now = Date.now();
    }, 15_000);
  }
}
export const clock = new Clock();

/** A format is made when it is first needed: making all of them would hold a phone up. */
function formatter(options: Intl.DateTimeFormatOptions): (d: Date) => string {
  let made: Intl.DateTimeFormat | undefined;
  return (d) => (made ??= new Intl.DateTimeFormat(locale, options)).format(d);
}
const full = formatter({ dateStyle: 'medium', timeStyle: 'medium' });
const day = formatter({ day: 'numeric', month: 'short', year: 'numeric' });
const dayOfYear = formatter({ day: 'numeric', month: 'short' });
const minute = formatter({ dateStyle: 'medium', timeStyle: 'short' });
const utcDay = formatter({ day: 'numeric', month: 'short', timeZone: 'UTC' });

const valid = (iso: string): Date | null => {
  const d = new Date(iso);
  return Number.isNaN(d.getTime()) ? null : d;
};
export const exact = (iso: string): string => (valid(iso) ? full(new Date(iso)) : '');
export const toMinute = (iso: string): string => (valid(iso) ? minute(new Date(iso)) : '');
export const date = (iso: string): string => (valid(iso) ? day(new Date(iso)) : '');
/** A day of the statistics, which are days in UTC: "2026-11-27". */
export const statsDay = (iso: string): string => (valid(iso) ? utcDay(new Date(iso.length === 10 ? iso + 'T00:00:00Z' : iso)) : iso);

/** How long ago, while that says more than the day. */
export function ago(iso: string, now: number): string {
  const d = valid(iso);
  if (!d) return '';
  const off = now - d.getTime();
  if (Math.abs(off) < 45_000) return 'just now';
  if (Math.abs(off) < 7 * 86_400_000) return relative(d.getTime() / 1000, now, locale);
  return (d.getFullYear() === new Date(now).getFullYear() ? dayOfYear : day)(d);
}

/** A time for a field of the kind datetime-local, and back. */
export function toLocal(iso: string | null): string {
  const d = iso ? valid(iso) : null;
  if (!d) return '';
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export function fromLocal(local: string): string | null {
  const d = local ? new Date(local) : null;
  return d && !Number.isNaN(d.getTime()) ? d.toISOString() : null;
}

/** The bounds of a reader's day, "2026-11-27", as instants: from its start, and before the next one's. */
export function startOfDay(day: string): string {
  return fromLocal(day ? day + 'T00:00' : '') ?? '';
}
export function endOfDay(day: string): string {
  const start = fromLocal(day ? day + 'T00:00' : '');
  if (start === null) return '';
  const d = new Date(start);
  d.setDate(d.getDate() + 1);
  return d.toISOString();
}
