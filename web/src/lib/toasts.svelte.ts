import { toProblem } from './problem';

export interface Toast {
  id: number;
  kind: 'good' | 'bad';
  text: string;
  reference: string;
}

class Toasts {
  list = $state.raw<Toast[]>([]);
  #ids = 0;

  good(text: string): void {
    this.#add({ id: ++this.#ids, kind: 'good', text, reference: '' }, 4500);
  }

  /** Tells of a failure, with the reference to give to whoever runs the server. */
  bad(err: unknown): void {
    const p = toProblem(err);
    this.#add({ id: ++this.#ids, kind: 'bad', text: p.detail, reference: p.reference }, 12_000);
  }

  drop = (id: number): void => {
    this.list = this.list.filter((t) => t.id !== id);
  };

  #add(t: Toast, life: number): void {
    this.list = [...this.list.slice(-3), t];
    setTimeout(() => this.drop(t.id), life);
  }
}

export const toasts = new Toasts();
