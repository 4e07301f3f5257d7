import { getContext, setContext } from 'svelte';

export const themes = ['system', 'light', 'dark'] as const;
export type ThemeName = (typeof themes)[number];

/** Light, dark, or what the system says; kept over reloads. */
export class Theme {
  now = $state<ThemeName>('system');
  readonly sign = $derived({ system: '◐', light: '☀', dark: '☾' }[this.now]);

  constructor() {
    try {
      const kept = localStorage.getItem('theme');
      this.#set(themes.find((n) => n === kept) ?? 'system');
    } catch {
      // storage is refused: the system decides
    }
  }

  next(): void {
    this.choose(themes[(themes.indexOf(this.now) + 1) % themes.length] ?? 'system');
  }

  choose(name: ThemeName): void {
    this.#set(name);
    try {
      localStorage.setItem('theme', name);
    } catch {
      // then it is forgotten
    }
  }

  #set(name: ThemeName): void {
    this.now = name;
    if (name === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = name;
  }
}

const key = Symbol('theme');
export const provideTheme = (theme: Theme): Theme => setContext(key, theme);
export const useTheme = (): Theme => getContext<Theme>(key);
