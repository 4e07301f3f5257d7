import { getContext, setContext } from 'svelte';
import { provideViewer } from '../components/viewer';
import type { Client } from './client.svelte';

const key = Symbol('client');

export function provide(client: Client): Client {
  provideViewer(client);
  return setContext(key, client);
}
export const useClient = (): Client => getContext<Client>(key);
