import type { FieldChange } from '../../api/deployments';

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) flatten(member, path === '' ? key : `${path}.${key}`, into);
  } else if (value !== undefined && value !== null) {
    into.set(path, String(value));
  }
}

/** The leaves in which two documents differ, sorted by path. */
export function differences(before: unknown, after: unknown): FieldChange[] {
  const old = new Map<string, string>();
  const now = new Map<string, string>();
  flatten(before, '', old);
  flatten(after, '', now);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .sort()
    .map((path) => ({ path, old: old.get(path), new: now.get(path) }));
}
