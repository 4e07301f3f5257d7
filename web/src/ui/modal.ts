import type { Attachment } from 'svelte/attachments';
import { session } from '../lib/session.svelte';

/**
 * Opens a dialog above all else, and gives the focus back to where it was. What has
 * autofocus gets it meanwhile. Escape and a press beside the dialog ask to leave it. While
 * the session has ended it is closed, and is open again afterwards.
 */
export function modal(leave: () => void): Attachment<HTMLDialogElement> {
  let opener: Element | null = null;
  return (node) => {
    if (session.ended) return;
    opener ??= document.activeElement;
    node.showModal();
    const gone = new AbortController();
    const on = (kind: string, hear: (e: Event) => void): void => node.addEventListener(kind, hear, { signal: gone.signal });
    let beside = false; // a press in it that ends beside it selects text
    on('pointerdown', (e) => (beside = e.target === node));
    on('click', (e) => beside && e.target === node && leave());
    on('cancel', (e) => {
      if (e.target !== node) return; // of a file chooser in it
      e.preventDefault();
      leave();
    });
    on('close', (e) => {
      if (e.target !== node) return;
      leave(); // Escape twice closes whatever is said to the first
      if (node.isConnected && !node.open) node.showModal();
    });
    return () => {
      gone.abort();
      node.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  };
}
