import { getContext, setContext } from 'svelte';
import type { Member, Message, World } from '../lib/types';

/** Whoever reads messages: what they are drawn for, and what a press of their parts does. */
export interface Viewer {
  readonly world: World | null;
  readonly members: Member[];
  readonly member: Member | null;
  readonly messages: Message[] | null;
  /** What went wrong with a component, by message. */
  readonly failures: Record<string, string>;
  /** The components that wait for an answer: message and custom id. */
  readonly busy: ReadonlySet<string>;
  readonly locale: string;
  readonly now: number;
  memberOf(id: string): Member | undefined;
  click(message: Message, customID: string, values?: string[]): Promise<void>;
  dismiss(id: string): void;
  inspect(id: string): Promise<void>;
}

const key = Symbol('viewer');

export const provideViewer = (viewer: Viewer): Viewer => setContext(key, viewer);
export const useViewer = (): Viewer => getContext<Viewer>(key);
