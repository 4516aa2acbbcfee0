import { MenuOutlined, SearchOutlined } from '@ant-design/icons';
import { Button, Drawer, Grid, Layout, Spin } from 'antd';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation } from 'react-router';
import { ErrorBoundary } from './ErrorBoundary';
import { FeedIndicator } from './FeedIndicator';
import { Navigation } from './Navigation';
import { PreferencesMenu } from './PreferencesMenu';
import { setPreferences, usePreferences } from './preferences';
import styles from './Shell.module.css';
import { openPalette } from './palette-state';
import { Palette } from './Palette';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function Brand({ short }: { short?: boolean }) {
  return (
    <Link to="/deployments" className={styles.brand} aria-label="Weir">
      <img src="./weir.svg" alt="" width="26" height="26" />
      {!short && <span>Weir</span>}
    </Link>
  );
}

/** Everything around a page: navigation, what is always at hand, the state of the connection. */
export function Shell() {
  const { t } = useTranslation();
  const wide = Grid.useBreakpoint().md ?? true;
  const { navigationCollapsed } = usePreferences();
  const [drawer, setDrawer] = useState(false);
  const { pathname } = useLocation();
  return (
    <Layout className={styles.shell}>
      <a href="#content" className={styles.skip} onClick={focusContent}>
        {t('shell.skip')}
      </a>
      {wide && (
        <Layout.Sider
          theme="light"
          width={236}
          collapsedWidth={56}
          collapsible
          collapsed={navigationCollapsed}
          onCollapse={(collapsed) => setPreferences({ navigationCollapsed: collapsed })}
          className={styles.sider}
        >
          <Brand short={navigationCollapsed} />
          <Navigation />
        </Layout.Sider>
      )}
      <Drawer
        open={drawer && !wide}
        onClose={() => setDrawer(false)}
        placement="left"
        size={260}
        title={<Brand />}
        styles={{ body: { padding: 8 } }}
      >
        <Navigation onChoose={() => setDrawer(false)} />
      </Drawer>
      <Layout className={styles.main}>
        <header className={styles.header}>
          {!wide && (
            <Button
              type="text"
              icon={<MenuOutlined />}
              aria-label={t('shell.navigation')}
              onClick={() => setDrawer(true)}
            />
          )}
          {!wide && <Brand />}
          <Button
            className={styles.search}
            icon={<SearchOutlined />}
            aria-label={t('palette.open')}
            onClick={openPalette}
          >
            {wide && (
              <>
                <span className={styles.searchText}>{t('palette.open')}</span>
                <kbd className={styles.kbd}>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
              </>
            )}
          </Button>
          <span className={styles.space} />
          <FeedIndicator />
          <PreferencesMenu />
        </header>
        <main id="content" tabIndex={-1} className={styles.content}>
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<Spin className={styles.loading} aria-label={t('shell.loading')} />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </Layout>
      <Palette />
    </Layout>
  );
}

// A plain fragment link would be resolved against the page's base.
function focusContent(event: React.MouseEvent) {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
