import { GlobalOutlined, MoonOutlined, SettingOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Popover, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Language, type ThemeChoice, setPreferences, usePreferences } from './preferences';
import { switchLanguage } from '../i18n';
import { shownZone } from '../format/time';
import styles from './PreferencesMenu.module.css';

const ZONES = ['local', 'UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function Choices() {
  const { t } = useTranslation();
  const { theme, language, timeZone } = usePreferences();
  const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className={styles.choices}>
      <div className={styles.label}>{t('preferences.theme')}</div>
      <Segmented<ThemeChoice>
        block
        aria-label={t('preferences.theme')}
        value={theme}
        onChange={(value) => setPreferences({ theme: value })}
        options={[
          { value: 'system', label: t('preferences.system') },
          { value: 'light', icon: <SunOutlined />, label: t('preferences.light') },
          { value: 'dark', icon: <MoonOutlined />, label: t('preferences.dark') },
        ]}
      />
      <div className={styles.label}>{t('preferences.language')}</div>
      <Segmented<Language>
        block
        aria-label={t('preferences.language')}
        value={language}
        onChange={(value) => {
          setPreferences({ language: value });
          void switchLanguage(value);
        }}
        options={[
          { value: 'en', label: 'English' },
          { value: 'zh-CN', label: '简体中文' },
        ]}
      />
      <div className={styles.label}>{t('preferences.timeZone')}</div>
      <Select
        showSearch
        aria-label={t('preferences.timeZone')}
        value={timeZone}
        onChange={(value: string) => setPreferences({ timeZone: value })}
        options={ZONES.map((zone) => ({
          value: zone,
          label: zone === 'local' ? t('preferences.browserZone', { zone: browserZone }) : zone,
        }))}
      />
      <div className={styles.hint}>{t('preferences.zoneHint')}</div>
    </div>
  );
}

/** Theme, language and time zone of this browser. */
export function PreferencesMenu() {
  const { t } = useTranslation();
  usePreferences();
  return (
    <Popover trigger="click" placement="bottomRight" content={<Choices />}>
      <Button type="text" icon={<SettingOutlined />} aria-label={t('preferences.title')} title={t('preferences.title')}>
        <span className={styles.zone}>
          <GlobalOutlined /> {shownZone()}
        </span>
      </Button>
    </Popover>
  );
}
