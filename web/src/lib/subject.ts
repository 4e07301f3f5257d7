import { guild } from './guild.svelte';

const places: Record<string, string> = { transaction: 'transactions', member: 'members', task: 'tasks', item: 'items' };

/** Where the subject of an event is: "task:12". '' if it has no screen. */
export function subjectHref(subject: string): string {
  const [kind = '', id = ''] = subject.split(':');
  const place = places[kind];
  return place && id ? guild.href(place, id) : kind === 'guild' ? guild.href('settings') : '';
}

export function subjectName(subject: string): string {
  const [kind = '', id = ''] = subject.split(':');
  return kind === 'guild' ? 'settings' : id ? `${kind} ${id}` : kind;
}
