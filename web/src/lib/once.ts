import { unique } from './http';

/**
 * The key of a write that must not happen twice. One form has one: the same values are
 * sent again with the same key, other values with a new one.
 */
export class Once {
  #sent = '';
  #key = '';

  /** The header for these values. */
  for(values: unknown): Record<string, string> {
    const text = JSON.stringify(values);
    if (this.#key === '' || this.#sent !== text) {
      this.#sent = text;
      this.#key = unique();
    }
    return { 'Idempotency-Key': this.#key };
  }

  /** After success: the same values again are meant as another time. */
  done(): void {
    this.#key = '';
  }
}
