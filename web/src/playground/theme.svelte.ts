const names = ['system', 'light', 'dark'] as const;
type Name = (typeof names)[number];

/** Light, dark, or what the system says; kept over reloads. */
export class Theme {
  now = $state<Name>('system');
  readonly sign = $derived({ system: '◐', light: '☀', dark: '☾' }[this.now]);

  constructor() {
    try {
      const kept = localStorage.getItem('theme');
      this.#set(names.find((n) => n === kept) ?? 'system');
    } catch {
      // storage is refused: the system decides
    }
  }

  next(): void {
    this.#set(names[(names.indexOf(this.now) + 1) % names.length] ?? 'system');
    try {
      localStorage.setItem('theme', this.now);
    } catch {
      // then it is forgotten
    }
  }

  #set(name: Name): void {
    this.now = name;
    if (name === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = name;
  }
}
