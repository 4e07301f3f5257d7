import type { Component } from 'svelte';
import type { Role } from '../lib/model';
import { match } from '../lib/paths';

/** A screen is given its params; one that needs none may leave them. */
type Loader = () => Promise<{ default: Component<any> }>;

export interface Screen {
  name: string;
  title: string;
  /** Below "/guilds/:guild", or a whole path. */
  paths: string[];
  load: Loader;
  role: Role;
}

/** All screens of a guild. Each is a file of its own, loaded when it is opened. */
export const screens: Screen[] = [
  { name: 'overview', title: 'Overview', paths: [''], role: 'viewer', load: () => import('./Overview.svelte') },
  { name: 'members', title: 'Members', paths: ['/members', '/members/:member'], role: 'viewer', load: () => import('./members/Members.svelte') },
  { name: 'reviews', title: 'Reviews', paths: ['/reviews'], role: 'viewer', load: () => import('./reviews/Reviews.svelte') },
  { name: 'tasks', title: 'Tasks', paths: ['/tasks'], role: 'viewer', load: () => import('./tasks/Tasks.svelte') },
  { name: 'tasks.new', title: 'New task', paths: ['/tasks/new'], role: 'manager', load: () => import('./tasks/TaskEditor.svelte') },
  { name: 'tasks.one', title: 'Task', paths: ['/tasks/:task'], role: 'viewer', load: () => import('./tasks/TaskEditor.svelte') },
  { name: 'items', title: 'Items', paths: ['/items'], role: 'viewer', load: () => import('./items/Items.svelte') },
  { name: 'items.new', title: 'New item', paths: ['/items/new'], role: 'manager', load: () => import('./items/ItemEditor.svelte') },
  { name: 'items.one', title: 'Item', paths: ['/items/:item'], role: 'viewer', load: () => import('./items/ItemEditor.svelte') },
  { name: 'transactions', title: 'Transactions', paths: ['/transactions', '/transactions/:transaction'], role: 'viewer', load: () => import('./transactions/Transactions.svelte') },
  { name: 'books', title: 'Balance proof', paths: ['/books'], role: 'viewer', load: () => import('./Books.svelte') },
  { name: 'trail', title: 'Audit trail', paths: ['/trail'], role: 'viewer', load: () => import('./Trail.svelte') },
  { name: 'deliveries', title: 'Deliveries', paths: ['/deliveries'], role: 'viewer', load: () => import('./Deliveries.svelte') },
  { name: 'settings', title: 'Settings', paths: ['/settings'], role: 'viewer', load: () => import('./SettingsScreen.svelte') },
];

/** Screens that belong to no guild. */
export const others: Screen[] = [
  { name: 'account', title: 'Your account', paths: ['/account'], role: 'viewer', load: () => import('./accounts/Own.svelte') },
  { name: 'accounts', title: 'Accounts and tokens', paths: ['/accounts'], role: 'owner', load: () => import('./accounts/Accounts.svelte') },
];

/** The screen of a path, and what the path names. */
export function screenOf(path: string): { screen: Screen; params: Record<string, string> } | null {
  for (const screen of screens) {
    for (const p of screen.paths) {
      const params = match('/guilds/:guild' + p, path);
      if (params) return { screen, params };
    }
  }
  for (const screen of others) {
    for (const p of screen.paths) {
      const params = match(p, path);
      if (params) return { screen, params };
    }
  }
  return null;
}
