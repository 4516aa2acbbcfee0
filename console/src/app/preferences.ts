import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Language = 'en' | 'zh-CN';

export interface Preferences {
  theme: ThemeChoice;
  language: Language;
  /** An IANA name, or "local" for the browser's own. */
  timeZone: string;
  navigationCollapsed: boolean;
}

const STORAGE_KEY = 'weir.preferences';
const listeners = new Set<() => void>();

function browserLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

function read(): Preferences {
  const standard: Preferences = {
    theme: 'system',
    language: browserLanguage(),
    timeZone: 'local',
    navigationCollapsed: false,
  };
  try {
    return { ...standard, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as object) };
  } catch {
    return standard;
  }
}

let current = read();

// The other tabs of the same browser follow.
window.addEventListener('storage', (event) => {
  if (event.key !== STORAGE_KEY) return;
  current = read();
  for (const listener of listeners) listener();
});

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreferences, preferences);
}
