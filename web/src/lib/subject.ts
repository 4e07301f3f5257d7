import { guild } from './guild.svelte';
import type { TrailEntry } from './model';

const places: Record<string, string> = { transaction: 'transactions', member: 'members', task: 'tasks', item: 'items' };

/** Where the subject of an event is: "task:12". '' if it has no screen. */
export function subjectHref(subject: string): string {
  const [kind = '', id = ''] = subject.split(':');
  const place = places[kind];
  return place && id ? guild.href(place, id) : kind === 'guild' ? guild.href('settings') : '';
}

/** What an event is about, where it has a screen: of a claim that is its task. */
export function subjectOf(e: Pick<TrailEntry, 'subject' | 'after'>): string {
  const task = e.after?.['task'];
  return e.subject.startsWith('claim:') && typeof task === 'number' ? `task:${task}` : e.subject;
}

export function subjectName(subject: string): string {
  const [kind = '', id = ''] = subject.split(':');
  return kind === 'guild' ? 'settings' : id ? `${kind} ${id}` : kind;
}
