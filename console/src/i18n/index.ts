import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../app/preferences';
import { en } from './en/index';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}

/** Starts with English, which is part of the first load; others follow on demand. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await switchLanguage(language);
}

/** Switches every text; the page keeps the old language until the new one is loaded. */
export async function switchLanguage(language: Language): Promise<void> {
  if (language === 'zh-CN' && !i18next.hasResourceBundle('zh-CN', 'translation')) {
    const { zh } = await import('./zh/index');
    i18next.addResourceBundle('zh-CN', 'translation', zh);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
