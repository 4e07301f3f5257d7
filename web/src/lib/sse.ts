export interface ServerEvent {
  id: string | null;
  /** '' for an id alone, which says where one is. */
  kind: string;
  data: string;
}

/** Cuts a stream of server-sent events into its events, however it arrives. */
export class EventReader {
  #rest = '';
  #id: string | null = null;
  #kind = '';
  #data: string[] = [];

  /** Takes the next piece and returns what it completes. */
  push(piece: string): ServerEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const out: ServerEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0 || this.#kind !== '') out.push({ id: this.#id, kind: this.#kind || 'message', data: this.#data.join('\n') });
        else if (this.#id !== null) out.push({ id: this.#id, kind: '', data: '' });
        this.#kind = '';
        this.#data = [];
        this.#id = null;
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue; // a comment: the heartbeat
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'id') this.#id = value;
      else if (field === 'event') this.#kind = value;
      else if (field === 'data') this.#data.push(value);
    }
    return out;
  }
}
