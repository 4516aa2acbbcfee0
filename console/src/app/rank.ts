/** All words must occur; those that begin the text come first. */
export function rank(text: string, query: string): number {
  const lower = text.toLowerCase();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => lower.includes(word))) return -1;
  return words.length > 0 && lower.startsWith(words[0] as string) ? 2 : 1;
}
