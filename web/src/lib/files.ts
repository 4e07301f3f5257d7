import type { Attachment, Component, FileNote, Message } from './types';

/** The largest file that is sent. The simulator refuses a larger one by its size. */
export const largest = 10 * 1024 * 1024;

/** What is told of a file that was chosen, with its content. */
export async function note(file: File): Promise<FileNote> {
  const told: FileNote = { name: file.name, size: file.size, content_type: file.type };
  if (file.size === 0 || file.size > largest) return told;
  told.data = base64(new Uint8Array(await file.arrayBuffer()));
  if (!file.type.startsWith('image/')) return told;
  const picture = await createImageBitmap(file).catch(() => null); // null: one that only a page can measure
  if (!picture) return told;
  const { width, height } = picture;
  picture.close();
  return { ...told, width, height };
}

export function base64(bytes: Uint8Array): string {
  const step = 3 * 8192; // whole groups of base64, and few enough arguments
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += step) parts.push(btoa(String.fromCharCode(...bytes.subarray(i, i + step))));
  return parts.join('');
}

const scheme = 'attachment://';

/** The address of a picture, where it may be the name of a file of its message; '' if there is no such file. */
export function address(url: string, files: Attachment[]): string {
  if (!url.startsWith(scheme)) return url;
  return files.find((f) => f.filename === url.slice(scheme.length))?.url ?? '';
}

/** The files of a message that its embeds and components do not show. */
export function loose(message: Message): Attachment[] {
  const used = new Set<string | undefined>();
  for (const e of message.embeds) for (const url of [e.image?.url, e.thumbnail?.url, e.author?.icon_url, e.footer?.icon_url]) used.add(url);
  const look = (c: Component): void => {
    for (const url of [c.media?.url, c.file?.url, ...(c.items ?? []).map((x) => x.media.url)]) used.add(url);
    for (const inner of [...(c.components ?? []), ...(c.accessory ? [c.accessory] : [])]) look(inner);
  };
  message.components.forEach(look);
  return message.attachments.filter((a) => !used.has(scheme + a.filename));
}
