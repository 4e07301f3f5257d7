import { guildApi, type GuildApi } from './api';
import type { Guild, Role } from './model';

const ranks: Role[] = ['viewer', 'reviewer', 'manager', 'owner'];

/** The guild that the screens are about. */
class Current {
  id = $state('');
  all = $state.raw<Guild[] | undefined>(undefined);
  readonly one = $derived(this.all?.find((g) => g.id === this.id));
  readonly currency = $derived(this.one?.currency ?? { name: 'coins', symbol: '' });
  readonly api: GuildApi = $derived(guildApi(this.id));

  /** Whether the account may do here what a role may. */
  can(role: Role): boolean {
    return this.one !== undefined && ranks.indexOf(this.one.role) >= ranks.indexOf(role);
  }

  /** The address of a screen of it. */
  href(...parts: string[]): string {
    return ['/guilds', this.id, ...parts].map((p, i) => (i === 0 ? p : encodeURIComponent(p))).join('/');
  }
}

export const guild = new Current();
