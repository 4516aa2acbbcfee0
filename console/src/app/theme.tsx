import { App, ConfigProvider, theme as antdTheme } from 'antd';
import enUS from 'antd/locale/en_US';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { usePreferences } from './preferences';
import { styleNonce } from './style-nonce';

const darkScheme = window.matchMedia('(prefers-color-scheme: dark)');

function onScheme(listener: () => void): () => void {
  darkScheme.addEventListener('change', listener);
  return () => darkScheme.removeEventListener('change', listener);
}

/** Whether the page is dark now, by choice or by the system. */
export function useDark(): boolean {
  const { theme } = usePreferences();
  const systemDark = useSyncExternalStore(onScheme, () => darkScheme.matches);
  return theme === 'dark' || (theme === 'system' && systemDark);
}

function useComponentLocale() {
  const { language } = usePreferences();
  const [locale, setLocale] = useState(enUS);
  useEffect(() => {
    let current = true;
    if (language === 'en') setLocale(enUS);
    else
      void import('antd/locale/zh_CN').then((module) => {
        if (current) setLocale(module.default);
      });
    return () => {
      current = false;
    };
  }, [language]);
  return locale;
}

export function Theme({ children }: { children: ReactNode }) {
  const dark = useDark();
  const locale = useComponentLocale();
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return (
    <ConfigProvider
      locale={locale}
      button={{ autoInsertSpace: false }}
      csp={styleNonce ? { nonce: styleNonce } : undefined}
      theme={{
        algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
        token: {
          colorError: dark ? '#ff8f8a' : '#c4241f',
          colorPrimary: dark ? '#3f7fe8' : '#1b5fd9',
          colorLink: dark ? '#6ea6ff' : '#1b5fd9',
          colorBgLayout: dark ? '#10141a' : '#f5f6f8',
          colorBgContainer: dark ? '#171c24' : '#ffffff',
          colorBgElevated: dark ? '#1f2630' : '#ffffff',
          colorText: dark ? '#e4e9ef' : '#1c232b',
          colorTextSecondary: dark ? '#a3afbd' : '#57616e',
          colorTextTertiary: dark ? '#a3afbd' : '#57616e',
          colorTextDescription: dark ? '#a3afbd' : '#57616e',
          colorTextPlaceholder: dark ? '#8d99a8' : '#6a7582',
          colorBorder: dark ? '#3a4452' : '#cfd5dc',
          colorBorderSecondary: dark ? '#2c3440' : '#dfe3e8',
          borderRadius: 6,
          fontFamily: 'inherit',
        },
        components: {
          Menu: { itemSelectedColor: dark ? '#85b4ff' : '#1b5fd9', itemSelectedBg: dark ? '#1d2c45' : '#e6effd' },
        },
      }}
    >
      <App className="app" message={{ duration: 5 }}>{children}</App>
    </ConfigProvider>
  );
}
