import { tick } from 'svelte';
import { toProblem, type Problem } from './problem';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

/** Goes to the first field that the server refuses: on a phone it may be out of sight. */
async function show(): Promise<void> {
  await tick();
  (document.querySelector('dialog[open]') ?? document).querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** A form on its way: what is wrong with it, and whether it is being sent. */
export class Form {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What the page itself found wrong, by field. */
  errors = $state.raw<Record<string, string>>({});

  #shown = 0;

  /** While its problem stands on the page. Returns what ends that. */
  show(): () => void {
    this.#shown++;
    return () => this.#shown--;
  }

  error(field: string): string {
    return this.errors[field] ?? this.problem?.field(field) ?? '';
  }

  /** What is wrong and belongs to none of the fields that are on screen. */
  rest(fields: string[]): string {
    const p = this.problem;
    if (!p) return '';
    if (p.fields.length > 0 && p.fields.every((f) => fields.includes(f.field))) return '';
    return p.detail;
  }

  /** Sends, and says whether it went well. Why it did not is told in any case, on the form or without it. */
  async send(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (err) {
      const problem = toProblem(err);
      if (problem.status === 401 && session.ended) return false; // the sign-in says so
      this.problem = problem;
      if (this.#shown === 0) toasts.bad(this.problem);
      else if (problem.fields.length > 0) await show();
      return false;
    } finally {
      this.busy = false;
    }
  }
}
