import { merge } from './terms';

/** A state of what is edited that somebody else has made. */
export interface Theirs<F> {
  form: F;
  tag: string;
  by: string;
  at: string;
}

const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A form over something that others may change, too: nobody's edits are lost. */
export class Editing<F extends object> {
  form: F;
  base: F;
  tag = $state('');
  theirs = $state.raw<Theirs<F> | null>(null);
  readonly dirty: boolean = $derived.by(() => !same(this.form, this.base));

  /** tidy gives a form as the server would give it back. */
  constructor(
    first: F,
    readonly tidy: (form: F) => F = (form) => form,
  ) {
    this.form = $state({ ...first });
    this.base = $state.raw(first);
  }

  /** Begins anew from what the server has. */
  start(form: F, tag: string): void {
    this.base = form;
    this.form = { ...form };
    this.tag = tag;
    this.theirs = null;
  }

  /**
   * What the server has now. It replaces what is on screen, unless that was edited. Where
   * both are the same, it was saved, and only the answer got lost. Says whether all that is
   * on screen is there.
   */
  seen(now: Theirs<F>): boolean {
    if (now.tag !== this.tag) {
      if (!this.dirty || same(now.form, this.form) || same(now.form, this.tidy(this.form))) this.start(now.form, now.tag);
      else this.theirs = now;
    }
    return !this.dirty;
  }

  discard(): void {
    this.form = { ...this.base };
    if (this.theirs) this.start(this.theirs.form, this.theirs.tag);
  }

  /** Takes what both have changed: where that is the same field, what is on screen. */
  combine(): void {
    const theirs = this.theirs;
    if (!theirs) return;
    const merged = merge(this.base, this.form, theirs.form);
    this.start(theirs.form, theirs.tag);
    this.form = merged;
  }
}
