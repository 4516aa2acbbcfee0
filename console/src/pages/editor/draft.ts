/** Unsaved changes survive a reload: they are kept in this browser until they are saved or discarded. */

export interface Draft {
  text: string;
  /** The deployment's version when the change began; absent for a new one. */
  version?: number;
  at: string;
}

const PREFIX = 'weir.draft.';

function keyOf(name: string | undefined): string {
  return PREFIX + (name ?? '');
}

export function readDraft(name: string | undefined): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}

export function keepDraft(name: string | undefined, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(draft));
  } catch {
    // A full or forbidden storage only costs the survival of a reload.
  }
}

export function dropDraft(name: string | undefined): void {
  localStorage.removeItem(keyOf(name));
}
