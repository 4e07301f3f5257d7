import { router } from '../lib/router.svelte';
import { screenOf, screens } from './index';

/** Loads what whoever is signed in sees, while the server is still asked who that is. */
export function ahead(): void {
  const screen = screenOf(router.path)?.screen ?? screens[0];
  void Promise.all([import('./Frame.svelte'), screen?.load()]).catch(() => undefined); // told where it is needed
}
