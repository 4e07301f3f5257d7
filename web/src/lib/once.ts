import { unique } from './http';

/** As long as somebody may try again what he was told nothing of. */
const hour = 3_600_000;

/** The keys of writes of which nobody knows yet whether they happened, by what they write. */
const unsettled = new Map<string, { key: string; until: number }>();

/** Forgets them, for somebody else signs in. */
export function forgetWrites(): void {
  unsettled.clear();
}

/**
 * The key of a write that must not happen twice. One form has one: the same values are
 * sent again with the same key, other values with a new one. With a scope, which names the
 * write and where it goes, that holds for the next form, too: who closes one without an
 * answer and fills it in again means the same write.
 */
export class Once {
  #sent = '';
  #key = '';

  constructor(readonly scope = '') {}

  /** The header for these values. */
  for(values: unknown): Record<string, string> {
    const text = JSON.stringify(values);
    if (this.#key === '' || this.#sent !== text) {
      this.#sent = text;
      const before = unsettled.get(this.#place);
      this.#key = before && Date.now() < before.until ? before.key : unique();
    }
    if (this.scope !== '') unsettled.set(this.#place, { key: this.#key, until: Date.now() + hour });
    return { 'Idempotency-Key': this.#key };
  }

  /** After success: the same values again are meant as another time. */
  done(): void {
    unsettled.delete(this.#place);
    this.#key = '';
  }

  get #place(): string {
    return `${this.scope} ${this.#sent}`;
  }
}
