import { getContext, setContext } from 'svelte';
import type { Client } from './client.svelte';

const key = Symbol('client');

export const provide = (client: Client): Client => setContext(key, client);
export const useClient = (): Client => getContext<Client>(key);
