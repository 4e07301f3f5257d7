import type { FileNote } from '../lib/types';
import type { Filled, Value } from './api';
import { complaint, kinds, normal, picks, required, type Entry, type Suggestion } from '../lib/commands';
import type { Option } from '../lib/types';

/** An option that is being filled in. */
export interface Field {
  option: Option;
  /** What the input shows. */
  text: string;
  /** What is sent for it, once it was chosen from a list. */
  value: string | null;
  file: FileNote | null;
  error: string;
}

/** A command in the making: its options as far as they are filled in. */
export class Draft {
  fields = $state<Field[]>([]);
  readonly rest: Option[] = $derived.by(() => this.entry.options.filter((o) => !this.fields.some((f) => f.option.name === o.name)));

  constructor(readonly entry: Entry) {
    this.fields = required(entry).map(field);
  }

  /** Adds an optional option, in the order of definition, and returns its place. */
  add(o: Option): number {
    const order = (x: Option) => this.entry.options.findIndex((y) => y.name === x.name);
    const at = this.fields.findIndex((f) => order(f.option) > order(o));
    const place = at < 0 ? this.fields.length : at;
    this.fields.splice(place, 0, field(o));
    return place;
  }

  remove(at: number): void {
    this.fields.splice(at, 1);
  }

  pick(at: number, s: Suggestion): void {
    const f = this.fields[at];
    if (f) Object.assign(f, { text: s.label, value: s.value, error: '' });
  }

  /** What was typed over a choice undoes it. */
  type(at: number, text: string): void {
    const f = this.fields[at];
    if (f) Object.assign(f, { text, value: null, error: '' });
  }

  attach(at: number, note: FileNote | null): void {
    const f = this.fields[at];
    if (f) Object.assign(f, { text: note?.name ?? '', file: note, error: '' });
  }

  /** Checks all fields as Discord's client does. Returns the first that is wrong, or -1. */
  check(): number {
    for (const f of this.fields) f.error = complaint(f.option, f.text, f.value !== null || f.file !== null);
    return this.fields.findIndex((f) => f.error !== '');
  }

  /** The command as it is sent; while typing, without what is still empty or wrong. */
  filled(focused = ''): Filled {
    const options: Record<string, Value> = {};
    for (const f of this.fields) {
      const named = f.option.name === focused;
      if (f.option.type === kinds.attachment) {
        if (f.file && focused === '') options[f.option.name] = f.file;
      } else if (f.value !== null && !named) options[f.option.name] = f.value;
      else if (named) options[f.option.name] = f.text;
      else if (f.text !== '' && (focused === '' || !picks(f.option))) options[f.option.name] = normal(f.option, f.text);
    }
    return { command: this.entry.command, options };
  }
}

const field = (option: Option): Field => ({ option, text: '', value: null, file: null, error: '' });
