/** Gives the reader a file. */
export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name of a file that says what and when: "members-2026-11-27.csv". */
export const dated = (what: string, ending: string): string => `${what}-${new Date().toISOString().slice(0, 10)}.${ending}`;
